import { createRequire } from 'node:module'
import { decompressFrameSync, uncompressSync } from 'lz4-napi'
import { createLz4Reader } from '../../src/decode/lz4/frame.ts'
import { readFrameHeader } from '../../src/decode/lz4/header.ts'
import { xxh32 } from '../../src/decode/lz4/xxh32.ts'

/** lz4js has no types of its own. */
interface Lz4js {
  decompress(frame: Uint8Array): Uint8Array
  decompressBlock(
    source: Uint8Array,
    target: Uint8Array,
    start: number,
    length: number,
    at: number,
  ): number
}
const lz4js = createRequire(import.meta.url)('lz4js') as Lz4js

export interface Contestant {
  readonly name: string
  /** What it lets through, of what must not be: such a one cannot be chosen. */
  readonly unsafe?: string
  readonly decode: (frame: Buffer, contentBytes: number) => Uint8Array
}

const MAX_BYTES = 32 * 1024 * 1024
const scratch = new Uint8Array(8 * 1024 * 1024)
const scratchView = new DataView(scratch.buffer)
const prefixed = Buffer.alloc(8 * 1024 * 1024)
const ours = createLz4Reader({ maxBytes: MAX_BYTES })

type BlockDecoder = (frame: Buffer, start: number, size: number, at: number, room: number) => number

/** Our walk over a frame's blocks around somebody else's block decoder. */
function walk(frame: Buffer, contentBytes: number, decodeBlock: BlockDecoder): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  const { blocksAt, maxBlockBytes, contentChecksum } = readFrameHeader(view, 0)
  let at = blocksAt
  let written = 0
  for (;;) {
    const word = view.getUint32(at, true)
    at += 4
    if (word === 0) {
      if (contentChecksum && xxh32(scratchView, 0, written) !== view.getUint32(at, true)) {
        throw new Error('content checksum')
      }
      return scratch.subarray(0, written)
    }
    const size = word & 0x7fffffff
    if (at + size > frame.length) throw new Error('truncated')
    if (word >>> 31 === 1) {
      scratch.set(frame.subarray(at, at + size), written)
      written += size
    } else {
      const room = Math.min(maxBlockBytes, contentBytes - written)
      written = decodeBlock(frame, at, size, written, room)
    }
    at += size
  }
}

const withLz4js: BlockDecoder = (frame, start, size, at) =>
  lz4js.decompressBlock(frame, scratch, start, size, at)

/** Told the true size, which a reader does not know: without it, it would have to allocate more. */
const withNative: BlockDecoder = (frame, start, size, at, room) => {
  prefixed.writeUInt32LE(room, 0)
  frame.copy(prefixed, 4, start, start + size)
  const block = uncompressSync(prefixed.subarray(0, 4 + size))
  scratch.set(block, at)
  return at + block.length
}

export const contestants: readonly Contestant[] = [
  { name: 'ours', decode: (frame) => ours.read(frame) },
  {
    name: 'our frames, lz4js blocks',
    unsafe: 'reads past the end, takes wrong offsets',
    decode: (frame, contentBytes) => walk(frame, contentBytes, withLz4js),
  },
  {
    name: 'our frames, lz4-napi blocks',
    decode: (frame, contentBytes) => walk(frame, contentBytes, withNative),
  },
  {
    name: 'lz4-napi frame',
    unsafe: 'output without a bound, one frame only',
    decode: (frame) => decompressFrameSync(frame),
  },
  {
    name: 'lz4js frame',
    unsafe: 'no checks at all',
    decode: (frame) => lz4js.decompress(frame),
  },
]
