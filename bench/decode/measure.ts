import { median } from '../report.ts'

export interface Timed {
  readonly name: string
  /** One pass over all messages. */
  readonly pass: () => void
}

/**
 * Microseconds of CPU a message for each, all threads counted (the garbage collector has its own):
 * the median of several rounds in turns, so what disturbs the machine disturbs them all.
 */
export function measure(
  timed: readonly Timed[],
  messages: number,
  { rounds, milliseconds }: { readonly rounds: number; readonly milliseconds: number },
): Map<string, number> {
  const samples = new Map<string, number[]>(timed.map(({ name }) => [name, []]))
  for (let round = -1; round < rounds; round++) {
    for (const { name, pass } of timed) {
      const start = process.cpuUsage()
      let passes = 0
      let microseconds = 0
      do {
        pass()
        passes++
        const { user, system } = process.cpuUsage(start)
        microseconds = user + system
      } while (microseconds < milliseconds * 1000)
      // The first round is for the compiler to warm up.
      if (round >= 0) samples.get(name)?.push(microseconds / passes / messages)
    }
  }
  return new Map([...samples].map(([name, values]) => [name, median(values)]))
}
