import { median } from '../report.ts'

export interface Timed {
  readonly name: string
  /** One pass over all messages. */
  readonly pass: () => void
}

export interface Turns {
  readonly rounds: number
  readonly milliseconds: number
}

/**
 * Microseconds of CPU a message for each, all threads counted (the garbage collector has its own):
 * the median of several rounds in turns, so what disturbs the machine disturbs them all.
 */
export function measure(
  timed: readonly Timed[],
  messages: number,
  turns: Turns,
): Map<string, number> {
  const samples = samplesOf(timed, messages, turns)
  return new Map([...samples].map(([name, values]) => [name, median(values)]))
}

/** The same, every round of it. */
export function samplesOf(
  timed: readonly Timed[],
  messages: number,
  { rounds, milliseconds }: Turns,
): Map<string, number[]> {
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
  return samples
}

/** Least, median and most. */
export function spread(values: readonly number[], digits = 0): string {
  const texts = [Math.min(...values), median(values), Math.max(...values)]
  return texts.map((value) => value.toFixed(digits)).join(' / ')
}
