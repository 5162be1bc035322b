/** Random numbers from a seed (Mulberry32), so that a failure can be repeated. */
export interface Random {
  /** A whole number from 0 to `below` - 1. */
  (below: number): number
  chance(share: number): boolean
  pick<T>(choices: readonly T[]): T
  bytes(length: number): Buffer
}

export function createRandom(seed: number): Random {
  let state = seed
  function next(): number {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const random = (below: number) => next() % below
  return Object.assign(random, {
    chance: (share: number) => next() < share * 2 ** 32,
    pick: <T>(choices: readonly T[]) => choices[random(choices.length)] as T,
    bytes: (length: number) => Buffer.from(Array.from({ length }, () => random(256))),
  })
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
