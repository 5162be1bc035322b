/** A small seeded generator (mulberry32), so that a failure can be run again. */
export interface Random {
  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number
  chance(share: number): boolean
  pick<T>(choices: readonly T[]): T
  bytes(length: number): Buffer
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (bound: number) => Math.floor(next() * bound)
  return {
    below,
    chance: (share) => next() < share,
    pick: (choices) => choices[below(choices.length)] as (typeof choices)[number],
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
  }
}

/** `FUZZ_SEED` and `FUZZ_MILLISECONDS` make a longer or another run of the same test. */
export const fuzzSeed = Number(process.env['FUZZ_SEED'] ?? 1)

/** Runs until the time is over, and says with which seed it can be run again. */
export function fuzz(name: string, milliseconds: number, round: (random: Random) => void): number {
  const until = performance.now() + Number(process.env['FUZZ_MILLISECONDS'] ?? milliseconds)
  let rounds = 0
  for (let seed = fuzzSeed; performance.now() < until || rounds < 50; seed++, rounds++) {
    try {
      round(createRandom(seed))
    } catch (error) {
      throw new Error(`${name}: FUZZ_SEED=${seed} fails`, { cause: error })
    }
  }
  return rounds
}
