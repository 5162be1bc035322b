import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import test from 'node:test'
import { compressFrameSync, decompressFrameSync } from 'lz4-napi'
import { compressLz4Frame } from '../../../../src/decode/lz4/compress.ts'
import { decompressLz4Frame } from '../../../../src/decode/lz4/frame.ts'
import { OccError } from '../../../../src/kernel/errors.ts'
import { fuzz, type Random } from '../../../support/random.ts'
import { encodeFrame, skippableFrame } from './encoder.ts'

const MAX_BYTES = 400_000

/** Text that repeats itself in short and long distances, noise, and runs of one byte. */
function randomContent(random: Random): Buffer {
  const parts: Buffer[] = []
  const length = random.pick([0, 1, 13, 300, 5_000, 5_000, 100_000, 200_000])
  for (let total = 0; total < length; ) {
    const earlier = parts.length > 0 ? random.pick(parts) : Buffer.from('{"Signature":"')
    const part = random.pick([
      () => earlier,
      () => earlier.subarray(random(earlier.length)),
      () => random.bytes(random(40)),
      () => Buffer.alloc(random(2_000), random(256)),
      () => Buffer.alloc(random(2_000), random.bytes(1 + random(9))),
    ])()
    parts.push(part)
    total += part.length + 1
  }
  return Buffer.concat(parts).subarray(0, length)
}

function randomFrame(random: Random, content: Buffer): Buffer {
  return random.pick([
    () => compressLz4Frame(content),
    () =>
      compressFrameSync(content, {
        blockChecksums: random.chance(0.5),
        contentChecksum: random.chance(0.5),
      }),
    () => {
      const storedShare = random.pick([0, 0.3, 1])
      return encodeFrame(content, {
        blockSizeCode: 4 + random(4),
        blockBytes: random.pick([700, 9_999, 65_536]),
        linked: random.chance(0.5),
        blockChecksums: random.chance(0.5),
        contentChecksum: random.chance(0.5),
        contentSize: random.chance(0.5),
        stored: () => random.chance(storedShare),
      })
    },
  ])()
}

function mutate(random: Random, frame: Buffer): Buffer {
  const copy = Buffer.from(frame)
  return random.pick([
    () => copy.subarray(0, random(copy.length)),
    () => {
      for (let flips = 1 + random(4); flips > 0; flips--) {
        const at = random(copy.length)
        copy[at] = (copy[at] as number) ^ (1 << random(8))
      }
      return copy
    },
    () => {
      const from = random(copy.length)
      const to = random(copy.length)
      return Buffer.concat([copy.subarray(0, from), copy.subarray(to)])
    },
    () => {
      random.bytes(1 + random(20)).copy(copy, random(copy.length))
      return copy
    },
  ])()
}

const attempt = <T>(action: () => T): { value: T } | { error: unknown } => {
  try {
    return { value: action() }
  } catch (error) {
    return { error }
  }
}

test('reads everything that an encoder writes', () => {
  fuzz('good frames', 1_500, (random) => {
    const content = randomContent(random)
    const frame = randomFrame(random, content)
    const decoded = decompressLz4Frame(frame, { maxBytes: MAX_BYTES })
    assert.ok(decoded.equals(content))
    assert.ok(decompressFrameSync(frame).equals(content))
    const second = randomContent(random).subarray(0, 5_000)
    const joined = Buffer.concat([
      frame,
      skippableFrame(random.bytes(random(20)), random(16)),
      randomFrame(random, second),
    ])
    const both = decompressLz4Frame(joined, { maxBytes: MAX_BYTES })
    assert.ok(both.equals(Buffer.concat([content, second])))
  })
})

/**
 * The other reader serves as a reference for what is damaged. Known differences: it stops after
 * the first frame, and so takes trailing bytes of any kind and other frames as nothing; it has no
 * bound. Hence: where both give bytes, ours start with its bytes, and are longer only by frames
 * that follow.
 */
test('a damaged frame yields the same bytes as another reader, or a coded error', () => {
  const codes = new Set<string>()
  let agreed = 0
  fuzz('damaged frames', 2_500, (random) => {
    const content = randomContent(random).subarray(0, 20_000)
    const damaged = mutate(random, randomFrame(random, content))
    const ours = attempt(() => decompressLz4Frame(damaged, { maxBytes: MAX_BYTES }))
    if ('error' in ours) {
      assert.ok(ours.error instanceof OccError, String(ours.error))
      assert.match(ours.error.code, /^OCC_LZ4_/)
      codes.add(ours.error.code)
      return
    }
    assert.ok(ours.value.length <= MAX_BYTES)
    const theirs = attempt(() => decompressFrameSync(damaged))
    if ('error' in theirs) assert.fail(`ours accepts what is refused elsewhere: ${theirs.error}`)
    assert.ok(ours.value.equals(theirs.value))
    agreed++
  })
  assert.ok(agreed > 0 && codes.size >= 3, `${agreed} agreed, codes: ${[...codes].join(', ')}`)
})

const hasProgram = spawnSync('lz4', ['--version']).status === 0

test('reads frames of the lz4 program, which reads ours', {
  skip: !hasProgram && 'no lz4 program on this machine',
}, () => {
  const run = (flags: readonly string[], input: Buffer) => {
    const { status, stdout, stderr } = spawnSync('lz4', ['-c', ...flags], {
      input,
      maxBuffer: 64 * 1024 * 1024,
    })
    assert.equal(status, 0, stderr.toString())
    return stdout
  }
  const variants = [
    ['-1'],
    ['-9', '-B4', '-BD', '-BX'],
    ['-B5', '-BX', '--no-frame-crc'],
    ['-B7', '-BD', '--fast=5'],
    ['-B4', '-BD', '--no-frame-crc'],
    ['-B1000', '-12'],
  ]
  let variant = 0
  fuzz('lz4 program', 500, (random) => {
    const content = randomContent(random)
    const flags = variants[variant++ % variants.length] ?? []
    const decoded = decompressLz4Frame(run(flags, content), { maxBytes: MAX_BYTES })
    assert.ok(decoded.equals(content), flags.join(' '))
    assert.ok(run(['-d'], compressLz4Frame(content)).equals(content))
  })
})
