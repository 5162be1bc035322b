import { OccError } from '../../kernel/errors.ts'
import { xxh32 } from './xxh32.ts'

export const FRAME_MAGIC = 0x184d2204
const SKIPPABLE_MAGIC = 0x184d2a50
const LEGACY_MAGIC = 0x184c2102

/** What a frame's descriptor says about its blocks. */
export interface FrameHeader {
  /** Position of the first block. */
  readonly blocksAt: number
  /** Maximum decoded bytes of a block. */
  readonly maxBlockBytes: number
  /** Matches do not reach into the previous block. */
  readonly independent: boolean
  readonly blockChecksums: boolean
  readonly contentChecksum: boolean
  /** Decoded bytes of the whole frame; -1 if the frame does not say. Untrusted. */
  readonly contentBytes: number
}

export function isSkippable(magic: number): boolean {
  return (magic & 0xfffffff0) === SKIPPABLE_MAGIC
}

/** Whether the bytes begin like an LZ4 frame (or a skippable one). */
export function startsAsLz4(bytes: Uint8Array): boolean {
  return (
    bytes.length >= 4 &&
    bytes[3] === 0x18 &&
    ((bytes[0] === 0x04 && bytes[1] === 0x22 && bytes[2] === 0x4d) ||
      (((bytes[0] as number) & 0xf0) === 0x50 && bytes[1] === 0x2a && bytes[2] === 0x4d))
  )
}

/**
 * Reads and checks the descriptor of the frame whose magic number is at `at`.
 * @throws OccError OCC_LZ4_TRUNCATED, OCC_LZ4_HEADER, OCC_LZ4_DICTIONARY, OCC_LZ4_CHECKSUM
 */
export function readFrameHeader(view: DataView, at: number): FrameHeader {
  const descriptor = at + 4
  if (view.byteLength - descriptor < 3) throw truncated(view, 'a frame header')
  const flags = view.getUint8(descriptor)
  const blockDescriptor = view.getUint8(descriptor + 1)
  if (flags >> 6 !== 1) {
    throw header(descriptor, `version ${flags >> 6}: only version 1 is supported`)
  }
  if ((flags & 0b10) !== 0 || (blockDescriptor & 0b1000_1111) !== 0) {
    throw header(descriptor, 'a reserved bit is set')
  }
  const blockSizeCode = blockDescriptor >> 4
  if (blockSizeCode < 4) throw header(descriptor + 1, `block size code ${blockSizeCode} (4 to 7)`)
  if ((flags & 0b1) !== 0) {
    throw new OccError(
      'OCC_LZ4_DICTIONARY',
      `LZ4 frame at byte ${at} needs a dictionary, which is not supported: have it sent without one`,
    )
  }
  const hasContentBytes = (flags & 0b1000) !== 0
  const checksumAt = descriptor + (hasContentBytes ? 10 : 2)
  if (checksumAt >= view.byteLength) throw truncated(view, 'a frame header')
  if (((xxh32(view, descriptor, checksumAt) >>> 8) & 0xff) !== view.getUint8(checksumAt)) {
    throw new OccError('OCC_LZ4_CHECKSUM', `LZ4 header checksum at byte ${checksumAt} is wrong`)
  }
  return {
    blocksAt: checksumAt + 1,
    maxBlockBytes: 1 << (8 + 2 * blockSizeCode),
    independent: (flags & 0b10_0000) !== 0,
    blockChecksums: (flags & 0b1_0000) !== 0,
    contentChecksum: (flags & 0b100) !== 0,
    // Above 2^53 the sum is rounded, and refused as too large anyway.
    contentBytes: hasContentBytes
      ? view.getUint32(descriptor + 6, true) * 2 ** 32 + view.getUint32(descriptor + 2, true)
      : -1,
  }
}

/** The error for bytes at `at` that do not begin a frame. */
export function notAFrame(view: DataView, at: number): OccError {
  const left = view.byteLength - at
  if (at > 0) {
    return new OccError('OCC_LZ4_TRAILING', `${left} bytes after the LZ4 frame that ended at ${at}`)
  }
  if (left < 4) return truncated(view, 'the magic number')
  const magic = view.getUint32(at, true)
  if (magic === LEGACY_MAGIC) {
    return new OccError(
      'OCC_LZ4_MAGIC',
      'legacy LZ4 frame (0x184c2102): only the modern format is supported',
    )
  }
  return new OccError('OCC_LZ4_MAGIC', `not an LZ4 frame: magic number 0x${magic.toString(16)}`)
}

export function truncated(view: DataView, where: string): OccError {
  return new OccError('OCC_LZ4_TRUNCATED', `LZ4 data ends at byte ${view.byteLength} in ${where}`)
}

function header(at: number, why: string): OccError {
  return new OccError('OCC_LZ4_HEADER', `LZ4 frame header at byte ${at}: ${why}`)
}
