import { OccError } from '../../kernel/errors.ts'
import { BLOCK_BAD_OFFSET, BLOCK_OVERFLOW, BLOCK_SLACK, decodeBlock, type Memory } from './block.ts'
import {
  FRAME_MAGIC,
  type FrameHeader,
  isSkippable,
  notAFrame,
  readFrameHeader,
  truncated,
} from './header.ts'
import { xxh32 } from './xxh32.ts'

/** Maximum decoded bytes per compressed byte: one length byte encodes up to 255. */
const MAX_PER_BYTE = 255
const FIRST_SCRATCH_BYTES = 256 * 1024
/** A larger scratch is freed after use, so that one huge record does not hold memory forever. */
const KEEP_SCRATCH_BYTES = 8 * 1024 * 1024
const WINDOW_BYTES = 64 * 1024

export interface Lz4Options {
  /** Maximum number of decoded bytes over all frames of one input. */
  readonly maxBytes: number
}

export interface Lz4Reader {
  /**
   * Decodes all frames of `source`. The result is a view of memory that the next call overwrites.
   * @throws OccError OCC_LZ4_...: nothing else, whatever the bytes.
   */
  read(source: Uint8Array): Buffer
}

/**
 * A strict reader of LZ4 frames with its own memory, reused for every input. It allocates little
 * more than `maxBytes` at most, and never what a header claims.
 */
export function createLz4Reader({ maxBytes }: Lz4Options): Lz4Reader {
  let scratch = allocate(Math.min(FIRST_SCRATCH_BYTES, maxBytes))

  /** Ensures room for `bytes` decoded bytes, keeping the first `used`. */
  function reserve(bytes: number, used: number): void {
    if (bytes + BLOCK_SLACK <= scratch.bytes.length) return
    const larger = allocate(Math.min(maxBytes, Math.max(bytes, 2 * scratch.bytes.length)))
    larger.bytes.set(scratch.bytes.subarray(0, used))
    scratch = larger
  }

  let position = 0

  /** Decodes the frame whose magic number is at `position` and advances `position` past it. */
  function readFrame(source: Memory, at: number): number {
    const { view } = source
    const frameAt = position
    const header = readFrameHeader(view, frameAt)
    if (header.contentBytes > maxBytes - at) throw tooLarge(maxBytes, frameAt)
    position = header.blocksAt
    let written = at
    for (;;) {
      if (view.byteLength - position < 4) throw truncated(view, 'a block size')
      const word = view.getUint32(position, true)
      position += 4
      if (word === 0) break
      written = readBlock(source, header, word, at, written)
    }
    if (header.contentBytes >= 0 && written - at !== header.contentBytes) {
      throw new OccError(
        'OCC_LZ4_CONTENT_SIZE',
        `LZ4 frame at byte ${frameAt} says ${header.contentBytes} bytes and holds ${written - at}`,
      )
    }
    if (header.contentChecksum) {
      checkSum(view, scratch.view, at, written, 'content')
    }
    return written
  }

  function readBlock(
    source: Memory,
    header: FrameHeader,
    word: number,
    frameStart: number,
    at: number,
  ): number {
    const { view } = source
    const start = position
    const size = word & 0x7fffffff
    if (size > header.maxBlockBytes) {
      throw corrupt(start - 4, `size ${size}, the frame allows ${header.maxBlockBytes}`)
    }
    const end = start + size
    if (end > view.byteLength) throw truncated(view, `the block at byte ${start}`)
    position = end
    if (header.blockChecksums) checkSum(view, view, start, end, 'block')
    if (word >>> 31 === 1) {
      if (size > maxBytes - at) throw tooLarge(maxBytes, start)
      reserve(at + size, at)
      scratch.bytes.set(source.bytes.subarray(start, end), at)
      return at + size
    }
    const limit = Math.min(at + header.maxBlockBytes, at + size * MAX_PER_BYTE, maxBytes)
    reserve(limit, at)
    const windowStart = header.independent ? at : Math.max(frameStart, at - WINDOW_BYTES)
    const written = decodeBlock(source, start, end, scratch, at, limit, windowStart)
    if (written >= 0) return written
    if (written === BLOCK_BAD_OFFSET) throw corrupt(start, 'a match points outside the window')
    if (written !== BLOCK_OVERFLOW) throw corrupt(start, 'it ends within a sequence')
    if (limit === maxBytes) throw tooLarge(maxBytes, start)
    throw corrupt(start, `it holds more than the ${header.maxBlockBytes} bytes the frame allows`)
  }

  /** Compares the checksum at `position` with that of `bytes[start, end)` and advances past it. */
  function checkSum(
    view: DataView,
    bytes: DataView,
    start: number,
    end: number,
    what: string,
  ): void {
    if (view.byteLength - position < 4) throw truncated(view, `a ${what} checksum`)
    if (xxh32(bytes, start, end) !== view.getUint32(position, true)) {
      throw new OccError('OCC_LZ4_CHECKSUM', `LZ4 ${what} checksum at byte ${position} is wrong`)
    }
    position += 4
  }

  function skip(view: DataView): void {
    const frameAt = position
    if (view.byteLength - frameAt < 8) throw truncated(view, 'a skippable frame')
    position = frameAt + 8 + view.getUint32(frameAt + 4, true)
    if (position > view.byteLength) throw truncated(view, 'a skippable frame')
  }

  function read(source: Uint8Array): Buffer {
    const view = new DataView(source.buffer, source.byteOffset, source.byteLength)
    const memory = { bytes: source, view }
    let written = 0
    position = 0
    do {
      if (view.byteLength - position < 4) throw notAFrame(view, position)
      const magic = view.getUint32(position, true)
      if (magic === FRAME_MAGIC) written = readFrame(memory, written)
      else if (isSkippable(magic)) skip(view)
      else throw notAFrame(view, position)
    } while (position < view.byteLength)
    return scratch.bytes.subarray(0, written)
  }

  return {
    read(source) {
      try {
        return read(source)
      } finally {
        if (scratch.bytes.length > KEEP_SCRATCH_BYTES) scratch = allocate(FIRST_SCRATCH_BYTES)
      }
    },
  }
}

/**
 * Decodes all LZ4 frames of `buffer` into memory owned by the caller, as a Kafka client needs for
 * its record batch codec.
 * @throws OccError OCC_LZ4_TRUNCATED, _MAGIC, _HEADER, _CHECKSUM, _BLOCK, _CONTENT_SIZE,
 *   _TOO_LARGE, _TRAILING or _DICTIONARY
 */
export function decompressLz4Frame(buffer: Uint8Array, options: Lz4Options): Buffer {
  if (shared?.maxBytes !== options.maxBytes) {
    shared = { maxBytes: options.maxBytes, reader: createLz4Reader(options) }
  }
  const view = shared.reader.read(buffer)
  const copy = Buffer.allocUnsafeSlow(view.length)
  copy.set(view)
  return copy
}

let shared: { readonly maxBytes: number; readonly reader: Lz4Reader } | undefined

interface Scratch extends Memory {
  readonly bytes: Buffer
}

function allocate(capacity: number): Scratch {
  // Not zeroed: matches cannot reach memory that this input has not written (see decodeBlock).
  const bytes = Buffer.allocUnsafeSlow(capacity + BLOCK_SLACK)
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) }
}

function tooLarge(maxBytes: number, at: number): OccError {
  return new OccError(
    'OCC_LZ4_TOO_LARGE',
    `LZ4 data decodes to more than the allowed ${maxBytes} bytes (seen at byte ${at})`,
  )
}

function corrupt(at: number, why: string): OccError {
  return new OccError('OCC_LZ4_BLOCK', `LZ4 block at byte ${at} is corrupt: ${why}`)
}
