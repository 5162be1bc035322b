import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { schemasFolder } from '../../../dev/synthetic/protobuf.ts'
import { createDecoder } from '../../../src/decode/decoder.ts'
import { compressLz4Frame } from '../../../src/decode/lz4/compress.ts'
import { fuzzSeed } from '../../support/random.ts'
import { plainEvent } from './plain-event.ts'

/** `FUZZ_MESSAGES` makes a longer run, `FUZZ_SEED` another. */
const MESSAGES = Number(process.env['FUZZ_MESSAGES'] ?? 200)

interface Kind {
  readonly topic: string
  readonly values: readonly string[]
  /** null: Python refuses to read it. */
  readonly events: ReadonlyArray<readonly object[] | null>
}

test("events equal what Python reads with the provider's own classes, or there are none", () => {
  const root = join(import.meta.dirname, '../../..')
  const script = join(import.meta.dirname, 'messages.py')
  const run = (file: string, args: readonly string[]) =>
    execFileSync(file, args, { encoding: 'utf8', maxBuffer: 2 ** 30 }).trim()
  const python = run(join(root, 'dev/python/venv.sh'), ['protobuf'])
  const lines = run(python, [script, String(fuzzSeed), String(MESSAGES)]).split('\n')
  assert.equal(lines.length, 8)
  const decoder = createDecoder({
    ...{ topics: [], protobuf: { schemas: schemasFolder } },
    maxMessageBytes: 1e7,
  })
  for (const line of lines) {
    const { topic, values, events }: Kind = JSON.parse(line)
    const counts = { compared: 0, damaged: 0, refused: 0 }
    for (const [index, text] of values.entries()) {
      const bytes = Buffer.from(text, 'base64')
      const value = index % 2 === 0 ? bytes : compressLz4Frame(bytes)
      const place = { topic, partition: 0, offset: index, timestamp: 0, headers: undefined }
      const result = decoder.decode({ ...place, key: null, value })
      const isDamaged = index >= MESSAGES
      if (!result.ok) {
        assert.ok(isDamaged, `${topic} ${index}: ${result.error.message}`)
        assert.match(result.error.code, /^OCC_PROTOBUF_INVALID$/)
        counts.refused++
        continue
      }
      const expected = events[index] ?? null
      // Python reads all of it, and refuses damage that no event needs to know of.
      if (expected === null) {
        assert.ok(isDamaged)
        continue
      }
      // A part that Python's events leave out is not compared.
      const found = result.message.events.map((event, number) =>
        Object.fromEntries(
          Object.entries(plainEvent(event)).filter(([name]) => name in (expected[number] ?? {})),
        ),
      )
      assert.deepEqual(found, expected, `${topic} ${index} of FUZZ_SEED=${fuzzSeed}`)
      // All of it is readable, with the fields that our schemas do not have.
      if (!isDamaged) assert.ok(JSON.stringify(result.message.document).length > 2)
      if (isDamaged) counts.damaged++
      else counts.compared++
    }
    const { compared, damaged, refused } = counts
    console.log(
      `${topic}: of ${values.length} messages ${compared} equal, of the damaged ${damaged} equal, ${refused} refused`,
    )
    assert.equal(compared, MESSAGES)
  }
})
