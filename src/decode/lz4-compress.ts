import { FRAME_MAGIC } from './lz4-header.ts'
import { xxh32 } from './xxh32.ts'

const BLOCK_BYTES = 64 * 1024
/** Version 1, independent blocks (others cannot read the rest), content checksum. */
const FLAGS = 0b0110_0100
/** Blocks of at most 64 KiB. */
const BLOCK_DESCRIPTOR = 0b0100_0000
const HEADER_BYTES = 7
const UNCOMPRESSED = 0x8000_0000

const HASH_BITS = 13
const SHORTEST_MATCH = 4
/** The format's rules for the end of a block: no match starts in its last 12 bytes... */
const NO_MATCH_START = 12
/** ...or covers any of its last 5. */
const CLOSING_LITERALS = 5

/** Positions of four-byte words by their hash, in the block at hand; plus one, so 0 is "none". */
const table = new Uint32Array(1 << HASH_BITS)

/**
 * Packs bytes into one LZ4 frame that every reader takes: independent blocks of 64 KiB and a
 * content checksum. Greedy and plain: for Kafka batches that this service writes, which are few.
 */
export function compressLz4Frame(bytes: Uint8Array): Buffer {
  const source = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const blocks = Math.ceil(bytes.length / BLOCK_BYTES)
  // A block that does not shrink is stored, so this is the most that can be written...
  const room = HEADER_BYTES + blocks * 4 + bytes.length + 8
  // ...but for the one block being tried, whose literals take a length byte for each 255.
  const target = Buffer.allocUnsafeSlow(room + (BLOCK_BYTES >> 7))
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength)
  view.setUint32(0, FRAME_MAGIC, true)
  view.setUint8(4, FLAGS)
  view.setUint8(5, BLOCK_DESCRIPTOR)
  view.setUint8(6, xxh32(view, 4, 6) >>> 8)
  let written = HEADER_BYTES
  for (let start = 0; start < bytes.length; start += BLOCK_BYTES) {
    const end = Math.min(start + BLOCK_BYTES, bytes.length)
    const blockAt = written + 4
    const blockEnd = compressBlock(bytes, source, start, end, target, blockAt)
    const size = end - start
    if (blockEnd - blockAt < size) {
      view.setUint32(written, blockEnd - blockAt, true)
      written = blockEnd
    } else {
      view.setUint32(written, (size | UNCOMPRESSED) >>> 0, true)
      target.set(bytes.subarray(start, end), blockAt)
      written = blockAt + size
    }
  }
  view.setUint32(written, 0, true)
  view.setUint32(written + 4, xxh32(source, 0, bytes.length), true)
  return target.subarray(0, written + 8)
}

/** Compresses `bytes[start, end)`, at most 64 KiB, to `target` at `at`; returns where it ends. */
function compressBlock(
  bytes: Uint8Array,
  source: DataView,
  start: number,
  end: number,
  target: Buffer,
  at: number,
): number {
  table.fill(0)
  const lastStart = end - NO_MATCH_START
  const lastMatched = end - CLOSING_LITERALS
  let written = at
  let literalsFrom = start
  let position = start
  let misses = 0
  while (position <= lastStart) {
    const word = source.getInt32(position, true)
    const slot = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS)
    let candidate = start + (table[slot] as number) - 1
    table[slot] = position - start + 1
    if (candidate < start || source.getInt32(candidate, true) !== word) {
      // The longer nothing repeats, the longer the steps: such bytes will not shrink.
      position += 1 + (misses++ >> 6)
      continue
    }
    misses = 0
    const matchFrom = position
    const offset = position - candidate
    position += SHORTEST_MATCH
    candidate += SHORTEST_MATCH
    while (position < lastMatched && bytes[position] === bytes[candidate]) {
      position++
      candidate++
    }
    const length = position - matchFrom - SHORTEST_MATCH
    written = writeLiterals(bytes, literalsFrom, matchFrom, Math.min(length, 15), target, written)
    target[written++] = offset & 0xff
    target[written++] = offset >> 8
    if (length >= 15) written = writeLength(length - 15, target, written)
    literalsFrom = position
  }
  return writeLiterals(bytes, literalsFrom, end, 0, target, written)
}

/** A token, with the low half for the match that follows, and the literals before that match. */
function writeLiterals(
  bytes: Uint8Array,
  start: number,
  end: number,
  matchHalf: number,
  target: Buffer,
  at: number,
): number {
  const count = end - start
  let written = at
  target[written++] = (Math.min(count, 15) << 4) | matchHalf
  if (count >= 15) written = writeLength(count - 15, target, written)
  if (count > 64) {
    target.set(bytes.subarray(start, end), written)
  } else {
    for (let index = 0; index < count; index++) {
      target[written + index] = bytes[start + index] as number
    }
  }
  return written + count
}

function writeLength(length: number, target: Buffer, at: number): number {
  let written = at
  let left = length
  for (; left >= 255; left -= 255) target[written++] = 255
  target[written++] = left
  return written
}
