import { mix } from './random.ts'
import type { KeyScheme } from './types.ts'
import type { WrittenMessage } from './writer.ts'

/** The key of a message according to the topic's scheme, as the streams' providers choose it. */
export function keyOf(scheme: KeyScheme, index: number, message: WrittenMessage): Buffer | null {
  switch (scheme) {
    case 'none':
      return null
    case 'slot':
      // A slot and a bucket of four.
      return Buffer.from(`${message.slot}-${index % 4}`)
    case 'block-hash':
      return Buffer.from(message.blockHash)
    case 'constant':
      return Buffer.from(`constant-${index % 4}`)
    case 'account':
      return Buffer.from(message.account)
  }
}

/**
 * The partition of a message with the content of `source`: by key, or in turn without one. A
 * duplicate (index differs from source) shares its original's partition nine times in ten.
 */
export function partitionOf(
  salt: number,
  index: number,
  source: number,
  key: Buffer | null,
  partitions: number,
): number {
  const home = key === null ? source % partitions : hash(key) % partitions
  const strays = index !== source && mix(salt, index, 0xa11) % 10 === 0
  return strays ? (home + 1 + (mix(salt, index, 0xa12) % (partitions - 1 || 1))) % partitions : home
}

/** FNV-1a, 32 bits. */
function hash(bytes: Buffer): number {
  let value = 0x811c9dc5
  for (const byte of bytes) value = Math.imul(value ^ byte, 0x01000193)
  return mix(value, 0, 0)
}
