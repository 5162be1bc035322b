import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { createAvroDecoder } from '../../../src/decode/avro/decode.ts'
import { createAvroEncoder } from '../../../src/decode/avro/encode.ts'
import { fuzzSeed } from '../../support/random.ts'

/** `FUZZ_SCHEMAS` makes a longer run, `FUZZ_SEED` another. */
const SCHEMAS = Number(process.env['FUZZ_SCHEMAS'] ?? 200)

test('what Python writes with random Avro schemas is read with equal values, and written alike', () => {
  const root = join(import.meta.dirname, '../../..')
  const run = (file: string, args: readonly string[]) =>
    execFileSync(file, args, { encoding: 'utf8', maxBuffer: 2 ** 30 }).trim()
  const python = run(join(root, 'dev/python/venv.sh'), ['registry'])
  const script = join(import.meta.dirname, 'avro.py')
  const lines = run(python, [script, 'bare', String(fuzzSeed), String(SCHEMAS)]).split('\n')
  let compared = 0
  for (const line of lines) {
    const { schema, values, documents } = JSON.parse(line)
    const read = createAvroDecoder(JSON.stringify(schema))
    const write = createAvroEncoder(JSON.stringify(schema))
    for (const [index, value] of values.entries()) {
      const document = read(Buffer.from(value, 'base64'))
      const what = `${JSON.stringify(schema)} of FUZZ_SEED=${fuzzSeed}`
      assert.deepEqual(JSON.parse(JSON.stringify(document)), documents[index], what)
      assert.equal(write(documents[index]).toString('base64'), value, what)
      compared += 1
    }
  }
  console.log(`${lines.length} schemas, ${compared} values: all equal`)
  assert.equal(compared, SCHEMAS * 20)
})
