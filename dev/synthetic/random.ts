/** Random numbers that are always the same for the same state; Math.random is never used. */
export interface Random {
  /** Restarts from this state. */
  reseed(a: number, b: number, c: number): void
  /** An unsigned 32-bit integer. */
  next(): number
  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number
  /** True with this probability. */
  chance(probability: number): boolean
}

const two32 = 2 ** 32

/** sfc32 by Chris Doty-Humphrey (public domain): 96 bits of state, passes PractRand. */
export function createRandom(seedA: number, seedB: number, seedC: number): Random {
  let a = 0
  let b = 0
  let c = 0
  let counter = 1
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return sum >>> 0
  }
  const random: Random = {
    reseed(newA, newB, newC) {
      a = newA | 0
      b = newB | 0
      c = newC | 0
      counter = 1
      for (let round = 0; round < 12; round++) next()
    },
    next,
    below: (limit) => Math.floor((next() / two32) * limit),
    chance: (probability) => next() / two32 < probability,
  }
  random.reseed(seedA, seedB, seedC)
  return random
}

/** A hash of three numbers to an unsigned 32-bit integer: the finalizer of MurmurHash3, chained. */
export function mix(a: number, b: number, c: number): number {
  let hash = 0x9e3779b9
  for (const part of [a, b, c]) {
    hash = Math.imul(hash ^ (part | 0), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    hash ^= hash >>> 16
  }
  return hash >>> 0
}

/** The same as a fraction from 0 (inclusive) to 1 (exclusive). */
export function mixFraction(a: number, b: number, c: number): number {
  return mix(a, b, c) / two32
}

/** The state from which participants are made: the same wallets take part whatever the seed. */
export const WORLD = fold(1)

/** An integer up to 2^53 - 1 folded to 32 bits, so that close seeds share nothing. */
export function fold(integer: number): number {
  return mix(integer >>> 0, Math.floor(integer / two32), 0x5eed)
}
