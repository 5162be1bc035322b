/** Asked again until it holds: for what has no event. Fails with `what` after a generous time. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string | (() => string),
  milliseconds = 30_000,
): Promise<void> {
  const deadline = performance.now() + milliseconds
  while (!(await condition())) {
    if (performance.now() > deadline) {
      throw new Error(`waited in vain: ${typeof what === 'string' ? what : what()}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** `prefix-0` to `prefix-<count - 1>`. */
export function numbered(count: number, prefix = 'record'): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`)
}
