import lz4js from 'lz4js'
import { FRAME_MAGIC } from './header.ts'
import { xxh32 } from './xxh32.ts'

/** Version 1, independent blocks (some readers support no others), content checksum. */
const FLAGS = 0b0110_0100
/** Blocks of at most 64 KiB. */
const BLOCK_DESCRIPTOR = 0b0100_0000
/**
 * Bytes per block: fewer than allowed. lz4js begins a match as late as 10 bytes before the end of a
 * block, where the format requires 12, and other readers refuse that in a full block.
 */
const BLOCK_BYTES = 64 * 1024 - 16
const HEADER_BYTES = 7
const UNCOMPRESSED = 0x8000_0000

/** Reused for each block: positions by the hash of their bytes, and the packed bytes. */
const table = new Uint32Array(1 << 16)
const packed = Buffer.allocUnsafeSlow(lz4js.compressBound(BLOCK_BYTES))

/**
 * Packs bytes into one LZ4 frame that every reader accepts, including Kafka's Java client: with a
 * content checksum and independent blocks, which the frames of lz4js do not declare.
 */
export function compressLz4Frame(bytes: Uint8Array): Buffer {
  const blocks = Math.ceil(bytes.length / BLOCK_BYTES)
  // A block that does not shrink is stored, so this is the maximum size.
  const target = Buffer.allocUnsafeSlow(HEADER_BYTES + blocks * 4 + bytes.length + 8)
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength)
  view.setUint32(0, FRAME_MAGIC, true)
  view.setUint8(4, FLAGS)
  view.setUint8(5, BLOCK_DESCRIPTOR)
  view.setUint8(6, xxh32(view, 4, 6) >>> 8)
  let written = HEADER_BYTES
  for (let start = 0; start < bytes.length; start += BLOCK_BYTES) {
    const block = bytes.subarray(start, start + BLOCK_BYTES)
    table.fill(0)
    const size = lz4js.compressBlock(block, packed, 0, block.length, table)
    const shrank = size > 0 && size < block.length
    view.setUint32(written, shrank ? size : (block.length | UNCOMPRESSED) >>> 0, true)
    target.set(shrank ? packed.subarray(0, size) : block, written + 4)
    written += 4 + (shrank ? size : block.length)
  }
  view.setUint32(written, 0, true)
  const source = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  view.setUint32(written + 4, xxh32(source, 0, bytes.length), true)
  return target.subarray(0, written + 8)
}
