/**
 * Asked again until it holds: for what has no event. Fails with `what` after a generous time. What takes long is asked
 * for less often: many tests ask services side by side.
 * @param milliseconds more than anything takes on a machine that does much else: a test that passes never waits for it
 * @param longest pause from one question to the next, in milliseconds
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string | (() => string),
  milliseconds = 240_000,
  longest = 250,
): Promise<void> {
  const began = performance.now()
  while (!(await condition())) {
    const waited = performance.now() - began
    if (waited > milliseconds) {
      throw new Error(`waited in vain: ${typeof what === 'string' ? what : what()}`)
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(20 + waited / 20, longest)))
  }
}

/** `prefix-0` to `prefix-<count - 1>`. */
export function numbered(count: number, prefix = 'record'): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`)
}
