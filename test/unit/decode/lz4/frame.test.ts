import assert from 'node:assert/strict'
import test from 'node:test'
import { createLz4Reader, decompressLz4Frame } from '../../../../src/decode/lz4/frame.ts'
import { OccError } from '../../../../src/kernel/errors.ts'
import { encodeFrame, encodeHeader, skippableFrame, uint32 } from './encoder.ts'

const content = Buffer.from(
  `[${'{"Address":"CvEK6qvJhy9hQAZ77zwkQ6owsSM3ZhFz8ERiYjCPFPmB","Amount":120270000},'.repeat(40)}0]`,
)
const limit = { maxBytes: 1_000_000 }
const decode = (bytes: Buffer) => decompressLz4Frame(bytes, limit)

function refused(bytes: Buffer, code: string, message?: RegExp, options = limit): void {
  assert.throws(
    () => decompressLz4Frame(bytes, options),
    (error) => {
      assert.ok(error instanceof OccError)
      assert.equal(error.code, code)
      if (message !== undefined) assert.match(error.message, message)
      return true
    },
  )
}

test('reads every combination of flags, block sizes, stored and linked blocks', () => {
  const long = Buffer.concat(Array.from({ length: 30 }, () => content))
  for (let bits = 0; bits < 32; bits++) {
    for (const blockSizeCode of [4, 5, 6, 7]) {
      const frame = encodeFrame(long, {
        blockSizeCode,
        blockBytes: 10_007,
        linked: (bits & 1) !== 0,
        blockChecksums: (bits & 2) !== 0,
        contentChecksum: (bits & 4) !== 0,
        contentSize: (bits & 8) !== 0,
        stored: (index) => (bits & 16) !== 0 && index % 2 === 1,
      })
      assert.ok(decode(frame).equals(long), `bits ${bits}, code ${blockSizeCode}`)
    }
  }
})

test('reads an empty frame', () => {
  assert.equal(decode(encodeFrame(Buffer.alloc(0), { contentChecksum: true })).length, 0)
})

test('joins several frames, and skips skippable ones anywhere', () => {
  const bytes = Buffer.concat([
    skippableFrame(Buffer.from('before')),
    encodeFrame(content, { contentChecksum: true }),
    skippableFrame(Buffer.alloc(0), 15),
    encodeFrame(Buffer.from('second'), { linked: true }),
    skippableFrame(Buffer.from('after'), 7),
  ])
  assert.equal(decode(bytes).toString(), `${content.toString()}second`)
})

test('a match does not reach into the previous frame', () => {
  // Token: one literal, match of 4; offset 3: two bytes before this frame's first.
  const block = Buffer.from([0x10, 0x41, 3, 0, 0x50, 1, 2, 3, 4, 5])
  for (const flags of [0x40, 0x60]) {
    const second = Buffer.concat([
      encodeHeader(flags, 0x40),
      uint32(block.length),
      block,
      uint32(0),
    ])
    refused(Buffer.concat([encodeFrame(content), second]), 'OCC_LZ4_BLOCK', /outside/)
  }
})

test('a match does not reach into the previous block unless blocks are linked', () => {
  const first = Buffer.from([0x50, 1, 2, 3, 4, 5])
  const second = Buffer.from([0x10, 0x41, 3, 0, 0x50, 1, 2, 3, 4, 5])
  const frame = (flags: number) =>
    Buffer.concat([
      encodeHeader(flags, 0x40),
      ...[first, second].flatMap((block) => [uint32(block.length), block]),
      uint32(0),
    ])
  assert.equal(decode(frame(0x40)).toString('hex'), '010203040541040541040102030405')
  refused(frame(0x60), 'OCC_LZ4_BLOCK', /outside/)
})

test('a match of offset 0 is refused', () => {
  const block = Buffer.from([0x10, 0x41, 0, 0, 0x50, 1, 2, 3, 4, 5])
  refused(
    Buffer.concat([encodeHeader(0x60, 0x40), uint32(block.length), block, uint32(0)]),
    'OCC_LZ4_BLOCK',
  )
})

test('a frame truncated anywhere is refused as truncated', () => {
  const frame = encodeFrame(content, {
    blockBytes: 1000,
    linked: true,
    blockChecksums: true,
    contentChecksum: true,
    contentSize: true,
  })
  for (let length = 0; length < frame.length; length++) {
    refused(frame.subarray(0, length), 'OCC_LZ4_TRUNCATED', /ends at byte \d+/)
  }
  const skippable = skippableFrame(Buffer.from('skipped'))
  for (let length = 4; length < skippable.length; length++) {
    refused(Buffer.concat([frame, skippable.subarray(0, length)]), 'OCC_LZ4_TRUNCATED')
  }
})

test('a flipped bit in a frame with checksums is always detected', () => {
  const frame = encodeFrame(content.subarray(0, 400), {
    blockChecksums: true,
    contentChecksum: true,
  })
  for (let bit = 0; bit < frame.length * 8; bit++) {
    const broken = Buffer.from(frame)
    broken[bit >> 3] = (broken[bit >> 3] as number) ^ (1 << (bit & 7))
    assert.throws(() => decode(broken), OccError, `bit ${bit}`)
  }
})

test('each checksum is checked and named in the error', () => {
  const frame = encodeFrame(content, { blockChecksums: true, contentChecksum: true })
  const flip = (at: number) => {
    const broken = Buffer.from(frame)
    broken[at] = (broken[at] as number) ^ 0x40
    return broken
  }
  refused(flip(6), 'OCC_LZ4_CHECKSUM', /header checksum at byte 6/)
  refused(flip(frame.length - 12), 'OCC_LZ4_CHECKSUM', /block checksum/)
  refused(flip(frame.length - 1), 'OCC_LZ4_CHECKSUM', /content checksum/)
})

test('bytes after the last frame are refused', () => {
  for (const garbage of ['x', 'xyz', 'garbage that is no frame']) {
    const bytes = Buffer.concat([encodeFrame(content), Buffer.from(garbage)])
    refused(bytes, 'OCC_LZ4_TRAILING', new RegExp(`^${garbage.length} bytes after`))
  }
})

test('headers that the format does not define are refused', () => {
  const rest = uint32(0)
  refused(Buffer.concat([encodeHeader(0x80, 0x40), rest]), 'OCC_LZ4_HEADER', /version 2/)
  refused(Buffer.concat([encodeHeader(0x62, 0x40), rest]), 'OCC_LZ4_HEADER', /reserved/)
  refused(Buffer.concat([encodeHeader(0x60, 0xc0), rest]), 'OCC_LZ4_HEADER', /reserved/)
  refused(Buffer.concat([encodeHeader(0x60, 0x41), rest]), 'OCC_LZ4_HEADER', /reserved/)
  refused(Buffer.concat([encodeHeader(0x60, 0x30), rest]), 'OCC_LZ4_HEADER', /size code 3/)
  refused(Buffer.concat([encodeHeader(0x61, 0x40), uint32(7), rest]), 'OCC_LZ4_DICTIONARY')
  refused(Buffer.from('plain text'), 'OCC_LZ4_MAGIC')
  refused(Buffer.concat([uint32(0x184c2102), rest]), 'OCC_LZ4_MAGIC', /legacy/)
})

test('a wrong content size is refused', () => {
  for (const said of [content.length - 1, content.length + 1, 0]) {
    const frame = Buffer.concat([encodeHeader(0x68, 0x40, said), encodeFrame(content).subarray(7)])
    refused(frame, 'OCC_LZ4_CONTENT_SIZE', new RegExp(`says ${said} bytes`))
  }
})

test('a block beyond the limit of the header is refused', () => {
  const stored = Buffer.alloc(65_537)
  refused(
    Buffer.concat([encodeHeader(0x60, 0x40), uint32(0x8000_0000 + stored.length), stored]),
    'OCC_LZ4_BLOCK',
    /size 65537/,
  )
  const large = encodeFrame(Buffer.alloc(70_000), { blockSizeCode: 5 })
  const relabelled = Buffer.concat([encodeHeader(0x60, 0x40), large.subarray(7)])
  refused(relabelled, 'OCC_LZ4_BLOCK', /more than the 65536 bytes/)
})

test('19 bytes that claim 200 MB are refused before any memory is allocated', () => {
  const bomb = Buffer.concat([encodeHeader(0x68, 0x70, 200_000_000), uint32(0)])
  assert.equal(bomb.length, 19)
  const before = process.memoryUsage().arrayBuffers
  refused(bomb, 'OCC_LZ4_TOO_LARGE', /1000000/)
  refused(bomb, 'OCC_LZ4_CONTENT_SIZE', /./, { maxBytes: 2 ** 30 })
  assert.ok(process.memoryUsage().arrayBuffers - before < 10_000_000)
})

test('a frame that unpacks 250 to 1 takes no more memory than the bound', () => {
  // A literal, a match of 4 MB at offset 1, and the closing literals.
  const block = Buffer.concat([
    Buffer.from([0x1f, 0, 1, 0]),
    Buffer.alloc(16_000, 255),
    Buffer.from([0, 0x50, 0, 0, 0, 0, 0]),
  ])
  const blocks = Array.from({ length: 50 }, () => [uint32(block.length), block]).flat()
  const bomb = Buffer.concat([encodeHeader(0x60, 0x70), ...blocks, uint32(0)])
  const before = process.memoryUsage().arrayBuffers
  refused(bomb, 'OCC_LZ4_TOO_LARGE', undefined, { maxBytes: 2_000_000 })
  assert.ok(process.memoryUsage().arrayBuffers - before < 5_000_000)
})

test('the output is bounded over all blocks and frames, to the byte', () => {
  const zeros = encodeFrame(Buffer.alloc(300_000))
  assert.equal(decompressLz4Frame(zeros, { maxBytes: 300_000 }).length, 300_000)
  refused(zeros, 'OCC_LZ4_TOO_LARGE', undefined, { maxBytes: 299_999 })
  const stored = encodeFrame(content, { stored: () => true })
  assert.ok(decompressLz4Frame(stored, { maxBytes: content.length }).equals(content))
  refused(stored, 'OCC_LZ4_TOO_LARGE', undefined, { maxBytes: content.length - 1 })
  refused(Buffer.concat([zeros, zeros, zeros, zeros]), 'OCC_LZ4_TOO_LARGE')
})

test('a second frame has only the room left by the first', () => {
  const options = { maxBytes: content.length + 100 }
  const first = encodeFrame(content)
  for (const second of [
    encodeFrame(Buffer.alloc(101), { stored: () => true }),
    encodeFrame(Buffer.alloc(101)),
    Buffer.concat([encodeHeader(0x68, 0x40, 101), uint32(0)]),
  ]) {
    refused(Buffer.concat([first, second]), 'OCC_LZ4_TOO_LARGE', undefined, options)
  }
  const fits = encodeFrame(Buffer.alloc(100), { stored: () => true })
  const bytes = decompressLz4Frame(Buffer.concat([first, fits]), options)
  assert.equal(bytes.length, options.maxBytes)
})

test('the result of the codec is not overwritten by the next call', () => {
  const first = decode(encodeFrame(Buffer.from('the first')))
  decode(encodeFrame(Buffer.from('THE OTHER')))
  assert.equal(first.toString(), 'the first')
})

test('a reader continues after an error, and after an input larger than its kept memory', () => {
  const reader = createLz4Reader({ maxBytes: 20_000_000 })
  assert.throws(() => reader.read(encodeFrame(content).subarray(0, 50)))
  const huge = Buffer.alloc(9_000_000, 'abcdefghij')
  assert.ok(reader.read(encodeFrame(huge, { blockSizeCode: 7, stored: () => true })).equals(huge))
  assert.ok(reader.read(encodeFrame(content, { linked: true, blockBytes: 500 })).equals(content))
})

test('errors give positions and never quote the content', () => {
  const secret = Buffer.from('a secret that is in the message')
  const frame = encodeFrame(secret, { contentChecksum: true })
  frame.writeUInt8((frame.at(-1) as number) ^ 1, frame.length - 1)
  assert.throws(
    () => decode(frame),
    (error) => error instanceof Error && !/secret/.test(error.message),
  )
})
