export interface Timed {
  readonly name: string
  /** One pass over all messages. */
  readonly pass: () => void
}

/**
 * Microseconds a message for each, the median of several rounds in turns: what disturbs the
 * machine for a while disturbs them all.
 */
export function measure(
  timed: readonly Timed[],
  messages: number,
  { rounds, milliseconds }: { readonly rounds: number; readonly milliseconds: number },
): Map<string, number> {
  const samples = new Map<string, number[]>(timed.map(({ name }) => [name, []]))
  for (let round = -1; round < rounds; round++) {
    for (const { name, pass } of timed) {
      const start = performance.now()
      let passes = 0
      let elapsed = 0
      do {
        pass()
        passes++
        elapsed = performance.now() - start
      } while (elapsed < milliseconds)
      // The first round is for the compiler to warm up.
      if (round >= 0) samples.get(name)?.push((elapsed * 1000) / passes / messages)
    }
  }
  return new Map([...samples].map(([name, values]) => [name, median(values)]))
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}
