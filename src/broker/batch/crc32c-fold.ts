import {
  BLOCK,
  foldModule,
  INPUT_AT,
  INPUT_BYTES,
  STATE_AT,
  STRIDE,
  tableAt,
  VECTOR,
  VECTORS,
} from './crc32c-module.ts'
import { updateByTable } from './crc32c-table.ts'

/** The parts used here; TypeScript declares it only with all browser types. */
declare const WebAssembly:
  | {
      validate(code: Uint8Array): boolean
      readonly Module: new (code: Uint8Array) => object
      readonly Instance: new (
        module: object,
      ) => {
        readonly exports: {
          readonly memory: { readonly buffer: ArrayBuffer }
          readonly fold: (from: number, to: number) => void
        }
      }
    }
  | undefined

export interface Folder {
  /**
   * The remainder (int32, not yet inverted) after `bytes[from, to)`, a whole number of blocks.
   * @param remainder before those bytes
   */
  update(remainder: number, bytes: Uint8Array, from: number, to: number): number
}

/**
 * A CRC is a remainder, so any block may be replaced by another with the same remainder. The state
 * is such a block: 64 bytes that represent everything before. For each input block the state is
 * multiplied by x^512 (moved up by a block) and the input is added (XOR).
 *
 * Multiplication is linear in the bits: each half of a byte of the state adds an entry of a table
 * of sixteen. The product is chosen so that byte n of a vector adds to byte n of the four vectors
 * only, with the same tables for all n. So one SIMD `swizzle` looks up sixteen bytes at once, which
 * is several times faster than tables in memory. null if WebAssembly or its SIMD is missing.
 */
export function createFolder(): Folder | null {
  if (typeof WebAssembly === 'undefined') return null
  const code = foldModule()
  if (!WebAssembly.validate(code)) return null
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code))
  const memory = new Uint8Array(exports.memory.buffer)
  const tables = multiplicationTables()
  if (tables === null) return null
  memory.set(tables)

  return {
    update(remainder, bytes, from, to) {
      memory.fill(0, STATE_AT, STATE_AT + BLOCK)
      for (let at = from; at < to; at += INPUT_BYTES) {
        const end = Math.min(at + INPUT_BYTES, to)
        memory.set(new Uint8Array(bytes.buffer, bytes.byteOffset + at, end - at), INPUT_AT)
        // The remainder so far is added to the first four bytes.
        if (at === from) {
          for (let index = 0; index < 4; index++) {
            memory[INPUT_AT + index] =
              (memory[INPUT_AT + index] as number) ^ (remainder >>> (8 * index))
          }
        }
        exports.fold(INPUT_AT, INPUT_AT + end - at)
      }
      return updateByTable(0, memory, STATE_AT, STATE_AT + BLOCK)
    },
  }
}

/**
 * The 32 tables of sixteen bytes: by target vector, source vector, low and high half of the byte.
 * Computed by solving linear equations: the bits of byte 0 of the four vectors give 32 remainders,
 * and every remainder is a sum of some of these.
 */
function multiplicationTables(): Uint8Array | null {
  const block = new Uint8Array(2 * BLOCK)
  const remainderOf = (vector: number, byte: number, length: number): number => {
    block[vector * STRIDE] = byte
    const remainder = updateByTable(0, block, 0, length)
    block[vector * STRIDE] = 0
    return remainder
  }
  const basis = Array.from({ length: 32 }, (_, bit) => ({
    remainder: remainderOf(bit >> 3, 1 << (bit & 7), BLOCK),
    bits: 1 << bit,
  }))
  // Gauss-Jordan elimination: afterwards entry n is the one with bit n in its remainder.
  for (let bit = 0; bit < 32; bit++) {
    const found = basis.findIndex(({ remainder }, at) => at >= bit && (remainder >>> bit) & 1)
    const pivot = basis[found]
    if (pivot === undefined) return null
    basis[found] = basis[bit] as (typeof basis)[number]
    basis[bit] = pivot
    for (const entry of basis) {
      if (entry === pivot || ((entry.remainder >>> bit) & 1) === 0) continue
      entry.remainder ^= pivot.remainder
      entry.bits ^= pivot.bits
    }
  }
  const tables = new Uint8Array(STATE_AT)
  for (let source = 0; source < VECTORS; source++) {
    for (let half = 0; half < 2; half++) {
      for (let value = 0; value < VECTOR; value++) {
        const moved = remainderOf(source, value << (4 * half), 2 * BLOCK)
        const bits = basis.reduce(
          (sum, entry, bit) => ((moved >>> bit) & 1 ? sum ^ entry.bits : sum),
          0,
        )
        for (let target = 0; target < VECTORS; target++) {
          tables[tableAt(target, source, half) + value] = bits >>> (8 * target)
        }
      }
    }
  }
  return tables
}
