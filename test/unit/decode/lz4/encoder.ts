import { xxh32 } from '../../../../src/decode/lz4/xxh32.ts'

/** Everything a frame can be, so that the reader meets what no encoder at hand produces. */
export interface FrameOptions {
  /** 4 to 7: 64 KiB, 256 KiB, 1 MiB, 4 MiB. */
  readonly blockSizeCode?: number
  /** Bytes of content in a block; the most that the code allows unless given. */
  readonly blockBytes?: number
  readonly linked?: boolean
  readonly blockChecksums?: boolean
  readonly contentChecksum?: boolean
  readonly contentSize?: boolean
  /** Which blocks are stored rather than compressed. */
  readonly stored?: (index: number) => boolean
}

export function encodeFrame(content: Buffer, options: FrameOptions = {}): Buffer {
  const code = options.blockSizeCode ?? 4
  const blockBytes = options.blockBytes ?? 1 << (8 + 2 * code)
  const flags =
    0x40 |
    (options.linked ? 0 : 0x20) |
    (options.blockChecksums ? 0x10 : 0) |
    (options.contentSize ? 0x08 : 0) |
    (options.contentChecksum ? 0x04 : 0)
  const parts: Buffer[] = [
    encodeHeader(flags, code << 4, options.contentSize ? content.length : -1),
  ]
  for (let start = 0, index = 0; start < content.length; start += blockBytes, index++) {
    const end = Math.min(start + blockBytes, content.length)
    const stored = options.stored?.(index) ?? false
    const block = stored
      ? content.subarray(start, end)
      : encodeBlock(content, start, end, options.linked ? Math.max(0, start - 65_535) : start)
    parts.push(uint32(block.length + (stored ? 0x8000_0000 : 0)), block)
    if (options.blockChecksums) parts.push(checksum(block))
  }
  parts.push(uint32(0))
  if (options.contentChecksum) parts.push(checksum(content))
  return Buffer.concat(parts)
}

/** Magic number, descriptor and a right checksum over whatever flags are given. */
export function encodeHeader(flags: number, blockDescriptor: number, contentBytes = -1): Buffer {
  const size = Buffer.alloc(contentBytes < 0 ? 0 : 8)
  if (contentBytes >= 0) size.writeBigUInt64LE(BigInt(contentBytes))
  const descriptor = Buffer.concat([Buffer.from([flags, blockDescriptor]), size])
  const sum = checksum(descriptor).subarray(1, 2)
  return Buffer.concat([uint32(0x184d2204), descriptor, sum])
}

export function skippableFrame(content: Buffer, kind = 0): Buffer {
  return Buffer.concat([uint32(0x184d2a50 + kind), uint32(content.length), content])
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

export function checksum(bytes: Buffer): Buffer {
  return uint32(xxh32(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length))
}

/** A plain greedy compressor whose matches may start in the block before. */
function encodeBlock(content: Buffer, start: number, end: number, windowStart: number): Buffer {
  const out: number[] = []
  const seen = new Map<number, number>()
  for (let at = windowStart; at + 4 <= start; at++) seen.set(content.readUInt32LE(at), at)
  let literalsFrom = start
  let at = start
  while (at + 12 <= end) {
    const word = content.readUInt32LE(at)
    const candidate = seen.get(word)
    seen.set(word, at)
    if (candidate === undefined || at - candidate > 65_535) {
      at++
      continue
    }
    let length = 4
    while (at + length < end - 5 && content[candidate + length] === content[at + length]) length++
    writeSequence(out, content.subarray(literalsFrom, at), length - 4)
    const offset = at - candidate
    out.push(offset & 0xff, offset >> 8)
    writeLength(out, length - 4)
    at += length
    literalsFrom = at
  }
  writeSequence(out, content.subarray(literalsFrom, end), 0)
  return Buffer.from(out)
}

function writeSequence(out: number[], literals: Buffer, length: number): void {
  out.push((Math.min(literals.length, 15) << 4) | Math.min(length, 15))
  writeLength(out, literals.length)
  for (const byte of literals) out.push(byte)
}

function writeLength(out: number[], length: number): void {
  if (length < 15) return
  let left = length - 15
  for (; left >= 255; left -= 255) out.push(255)
  out.push(left)
}
