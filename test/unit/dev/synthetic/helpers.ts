import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decompressFrameSync } from 'lz4-napi'
import { createSynthesizer } from '../../../../dev/synthetic/synthesizer.ts'
import type { SynthesizerOptions, SyntheticMessage } from '../../../../dev/synthetic/types.ts'

/** The records of one of the sample messages. */
export function readSample(name: string): unknown[] {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../../fixtures', name), 'utf8'))
}

export function make(options: SynthesizerOptions, count: number): SyntheticMessage[] {
  const synthesizer = createSynthesizer(options)
  return Array.from({ length: count }, () => synthesizer.next())
}

/** The text of a message that is not poison; strict about UTF-8. */
export function textOf({ value }: SyntheticMessage): string {
  const frame = value.length > 4 && value.readUInt32LE(0) === 0x184d2204
  return new TextDecoder('utf-8', { fatal: true }).decode(
    frame ? decompressFrameSync(value) : value,
  )
}

/** JSON with its integers as they are written. */
export function parseExact(text: string): Node[] {
  // Optional, because the library's types do not know the third argument yet.
  const reviver = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' ? { digits: context?.source ?? '' } : value
  return JSON.parse(text, reviver)
}

/** A loosely typed document to look into. */
export interface Node {
  readonly [field: string]: Node
}

/** All paths of fields in a document, array positions left out: `Transfer.Sender.Token.Owner`. */
export function pathsOf(document: unknown, prefix = ''): Set<string> {
  if (Array.isArray(document)) {
    return new Set(document.flatMap((item) => [...pathsOf(item, `${prefix}[]`)]))
  }
  if (typeof document !== 'object' || document === null) return new Set([prefix])
  return new Set(
    Object.entries(document).flatMap(([key, value]) => [...pathsOf(value, `${prefix}.${key}`)]),
  )
}

/** The integer that a base58 text writes. */
export function base58Integer(text: string): bigint {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
  let integer = 0n
  for (const character of text) {
    const digit = alphabet.indexOf(character)
    if (digit < 0) throw new Error(`${character} in ${text} is no base58 digit`)
    integer = integer * 58n + BigInt(digit)
  }
  return integer
}
