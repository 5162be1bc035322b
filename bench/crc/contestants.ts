import { createRequire } from 'node:module'
import zlib from 'node:zlib'
import { crc32c } from '../../src/broker/batch/crc32c.ts'
import { updateByTable } from '../../src/broker/batch/crc32c-table.ts'

export interface CrcContestant {
  readonly name: string
  readonly sum: (bytes: Buffer) => number
  /** A yardstick of another polynomial: its sums are not compared. */
  readonly other?: true
}

const kafkajs = createRequire(import.meta.url)(
  '../../node_modules/kafkajs/src/protocol/recordBatch/crc32C/crc32C.js',
) as (bytes: Buffer) => number

/** Tables of slicing by sixteen: table n is what a byte does when n more bytes follow it. */
const table16 = makeTable(16)

function makeTable(slices: number): Int32Array {
  const table = new Int32Array(slices * 256)
  for (let entry = 0; entry < table.length; entry++) {
    const bytes = new Uint8Array(1 + (entry >> 8))
    bytes[0] = entry & 0xff
    table[entry] = updateByTable(0, bytes, 0, bytes.length)
  }
  return table
}

function by1(bytes: Buffer): number {
  let state = -1
  for (let at = 0; at < bytes.length; at++) {
    state = (state >>> 8) ^ (table16[(state ^ (bytes[at] as number)) & 0xff] as number)
  }
  return ~state >>> 0
}

function by16(bytes: Buffer): number {
  const table = table16
  let state = -1
  let at = 0
  for (const last = bytes.length - 16; at <= last; at += 16) {
    state ^=
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)
    state =
      (table[3840 + (state & 0xff)] as number) ^
      (table[3584 + ((state >>> 8) & 0xff)] as number) ^
      (table[3328 + ((state >>> 16) & 0xff)] as number) ^
      (table[3072 + (state >>> 24)] as number) ^
      (table[2816 + (bytes[at + 4] as number)] as number) ^
      (table[2560 + (bytes[at + 5] as number)] as number) ^
      (table[2304 + (bytes[at + 6] as number)] as number) ^
      (table[2048 + (bytes[at + 7] as number)] as number) ^
      (table[1792 + (bytes[at + 8] as number)] as number) ^
      (table[1536 + (bytes[at + 9] as number)] as number) ^
      (table[1280 + (bytes[at + 10] as number)] as number) ^
      (table[1024 + (bytes[at + 11] as number)] as number) ^
      (table[768 + (bytes[at + 12] as number)] as number) ^
      (table[512 + (bytes[at + 13] as number)] as number) ^
      (table[256 + (bytes[at + 14] as number)] as number) ^
      (table[bytes[at + 15] as number] as number)
  }
  return ~updateByTable(state, bytes, at, bytes.length) >>> 0
}

/** By eight again, with words out of a DataView. */
function by8View(bytes: Buffer): number {
  const table = table16
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let state = -1
  let at = 0
  for (const last = bytes.length - 8; at <= last; at += 8) {
    state ^= view.getInt32(at, true)
    const high = view.getInt32(at + 4, true)
    state =
      (table[1792 + (state & 0xff)] as number) ^
      (table[1536 + ((state >>> 8) & 0xff)] as number) ^
      (table[1280 + ((state >>> 16) & 0xff)] as number) ^
      (table[1024 + (state >>> 24)] as number) ^
      (table[768 + (high & 0xff)] as number) ^
      (table[512 + ((high >>> 8) & 0xff)] as number) ^
      (table[256 + ((high >>> 16) & 0xff)] as number) ^
      (table[high >>> 24] as number)
  }
  return ~updateByTable(state, bytes, at, bytes.length) >>> 0
}

export const crcContestants: readonly CrcContestant[] = [
  { name: 'ours (vectors in WebAssembly)', sum: (bytes) => crc32c(bytes) },
  {
    name: 'ours without WebAssembly (table by 8)',
    sum: (bytes) => ~updateByTable(-1, bytes, 0, bytes.length) >>> 0,
  },
  { name: 'table by 8, DataView', sum: by8View },
  { name: 'table by 16', sum: by16 },
  { name: 'table by 1', sum: by1 },
  { name: "kafkajs's", sum: (bytes) => kafkajs(bytes) >>> 0 },
  {
    name: 'zlib.crc32, native (another polynomial)',
    sum: (bytes) => zlib.crc32(bytes),
    other: true,
  },
]
