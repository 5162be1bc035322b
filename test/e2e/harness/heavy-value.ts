import { compressLz4Frame } from '../../../src/decode/lz4/compress.ts'
import { xxh32 } from '../../../src/decode/lz4/xxh32.ts'

const BLOCK = 64 * 1024
/** Magic number, version 1 with independent blocks and no checksums, blocks of 64 KiB; its checksum. */
const HEADER = (() => {
  const header = new Uint8Array([0x04, 0x22, 0x4d, 0x18, 0b0110_0000, 0b0100_0000, 0])
  header[6] = xxh32(new DataView(header.buffer), 4, 6) >>> 8
  return header
})()
const STORED = 0x8000_0000
const END = Buffer.alloc(4)

/** A compressed block of white space, with its size in front. */
const blank = (() => {
  const frame = compressLz4Frame(Buffer.alloc(BLOCK, ' '))
  return frame.subarray(HEADER.length, HEADER.length + 4 + frame.readUInt32LE(HEADER.length))
})()

/**
 * A value that takes real work: an LZ4 frame of a JSON document and `blocks` x 64 KiB of white space
 * behind it, which must be decompressed and parsed. It is small on the wire and in the log, so that a
 * backlog can last for minutes without filling a disk.
 */
export function heavyValue(document: string, blocks: number): Buffer {
  const size = Buffer.alloc(4)
  const bytes = Buffer.from(document)
  size.writeUInt32LE((bytes.length | STORED) >>> 0)
  return Buffer.concat([HEADER, size, bytes, ...Array<Buffer>(blocks).fill(blank), END])
}
