import { compressFrameSync, decompressFrameSync } from 'lz4-napi'
import type { Random } from './random.ts'
import type { PoisonKind } from './types.ts'

/**
 * A frame of 19 bytes: magic, a descriptor that declares 200,000,000 bytes of content (with a
 * correct checksum), then the end mark. Readers that allocate the declared size lose 200 MB.
 */
const bomb = Buffer.from('04224d18687000c2eb0b000000000600000000', 'hex')

/** Bytes invalid in UTF-8: unused bytes, a bare lead byte, a surrogate, an overlong form. */
const notUtf8 = ['ff', 'fe', 'c328', 'eda080', 'c0af', '80'].map((hex) => Buffer.from(hex, 'hex'))

/**
 * Breaks the good message `text` so that a strict decoder must refuse it, while a careless one
 * returns something wrong without an error.
 *
 * - `truncated-frame`: an LZ4 frame that ends inside a block.
 * - `bit-flip`: an LZ4 frame with a content checksum and one flipped bit in a block.
 * - `invalid-utf8`: JSON whose strings contain invalid UTF-8; a lenient reader turns it into
 *   U+FFFD.
 * - `broken-json`: valid UTF-8 that ends or breaks halfway.
 * - `lz4-bomb`: see above.
 */
export function poison(kind: PoisonKind, text: string, lz4: boolean, random: Random): Buffer {
  switch (kind) {
    case 'truncated-frame':
    case 'bit-flip':
    case 'lz4-bomb':
      return poisonFrame(kind, text, random)
    case 'invalid-utf8': {
      const bytes = Buffer.from(text)
      const wrong = notUtf8[random.below(notUtf8.length)] ?? Buffer.of(0xff)
      // Into the text of a string, so that only the encoding is wrong.
      wrong.copy(bytes, bytes.lastIndexOf('"Hash":"') + '"Hash":"'.length)
      return frameIf(lz4, bytes)
    }
    case 'broken-json': {
      const cut = Math.floor(text.length * (0.2 + 0.6 * (random.below(1000) / 1000)))
      // `,"` separates two fields and never occurs inside a string, where quotes are escaped.
      const comma = text.indexOf(',"', cut)
      const lacksComma = text.slice(0, comma) + text.slice(comma + 1)
      return frameIf(lz4, Buffer.from(random.chance(0.5) ? text.slice(0, cut) : lacksComma))
    }
  }
}

/**
 * The same of a Protocol Buffers message. What would break JSON or its text cuts off the end of the
 * message, in its last field.
 */
export function poisonMessage(
  kind: PoisonKind,
  message: Buffer,
  lz4: boolean,
  random: Random,
): Buffer {
  if (kind === 'invalid-utf8' || kind === 'broken-json') {
    return frameIf(lz4, message.subarray(0, message.length - 1 - random.below(20)))
  }
  return poisonFrame(kind, message, random)
}

function poisonFrame(
  kind: 'truncated-frame' | 'bit-flip' | 'lz4-bomb',
  content: string | Buffer,
  random: Random,
): Buffer {
  switch (kind) {
    case 'truncated-frame': {
      const frame = compressFrameSync(content)
      // Not within the end mark and checksum: before those the content would be complete.
      return frame.subarray(0, 20 + random.below(frame.length - 40))
    }
    case 'bit-flip':
      return flipBit(compressFrameSync(content, { contentChecksum: true }), random)
    case 'lz4-bomb':
      return Buffer.from(bomb)
  }
}

/**
 * Some flips leave the content unchanged (another copy of the same bytes): retry until one does
 * not.
 */
function flipBit(frame: Buffer, random: Random): Buffer {
  for (;;) {
    // Past the magic, descriptor and first block size (11 bytes), before end mark and checksum.
    const place = 11 + random.below(frame.length - 11 - 8)
    const before = frame[place] ?? 0
    frame[place] = before ^ (1 << random.below(8))
    if (!decodes(frame)) return frame
    frame[place] = before
  }
}

function decodes(frame: Buffer): boolean {
  try {
    decompressFrameSync(frame)
    return true
  } catch {
    return false
  }
}

function frameIf(lz4: boolean, bytes: Buffer): Buffer {
  return lz4 ? compressFrameSync(bytes) : bytes
}
