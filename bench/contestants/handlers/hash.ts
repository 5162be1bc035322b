import { createHash } from 'node:crypto'

/** So many rounds of SHA-256, one over the other. */
export function hash(rounds: number, seed: string): string {
  let digest = seed
  for (let round = 0; round < rounds; round++) {
    digest = createHash('sha256').update(digest).digest('hex')
  }
  return digest
}
