import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { test } from 'node:test'
import { lz4Codec } from '../../../src/decode/lz4/codec.ts'
import { createRandom } from '../../support/random.ts'
import { dictionaryText, endings } from '../../support/records/lz4-contents.ts'

/** Prints a hash for each frame that follows its length on standard input. */
const READER = `
import hashlib, lz4.frame, struct, sys
stream = sys.stdin.buffer
while head := stream.read(4):
    frame = stream.read(struct.unpack('<I', head)[0])
    print(hashlib.sha256(lz4.frame.decompress(frame)).hexdigest())
`

test("Python's lz4 reads what is compressed here", () => {
  const python = execFileSync(join(import.meta.dirname, '../../../dev/python/venv.sh'), {
    encoding: 'utf8',
  }).trim()
  const random = createRandom(17)
  const contents = [
    Buffer.alloc(0),
    random.bytes(150_000),
    ...endings(),
    ...Array.from({ length: 20 }, (_, seed) => Buffer.from(dictionaryText(seed, 300_000))),
  ]
  const input = contents.flatMap((content) => {
    const frame = lz4Codec.compress(content)
    const length = Buffer.alloc(4)
    length.writeUInt32LE(frame.length)
    return [length, frame]
  })
  const read = spawnSync(python, ['-c', READER], { input: Buffer.concat(input), encoding: 'utf8' })
  assert.equal(read.status, 0, read.stderr)
  const hashes = contents.map((content) => createHash('sha256').update(content).digest('hex'))
  assert.deepEqual(read.stdout.trim().split('\n'), hashes)
})
