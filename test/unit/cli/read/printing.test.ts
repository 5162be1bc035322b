import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { createAvroEncoder } from '../../../../dev/synthetic/avro.ts'
import { createPrint } from '../../../../src/cli/read/forms.ts'
import { Printing } from '../../../../src/cli/read/printing.ts'
import { readSettings } from '../../../../src/cli/read/settings.ts'
import { createDecoding } from '../../../../src/cli/records/decoding.ts'
import { createOutput } from '../../../../src/cli/terminal/output.ts'
import { recordOf } from '../../decode/protobuf/support.ts'
import { type Answer, startFakeRegistry, unknown } from '../../decode/registry/fake-registry.ts'

const AVRO = JSON.stringify({
  type: 'record',
  name: 'Thing',
  fields: [{ name: 'name', type: 'string' }],
})

function framed(id: number): Buffer {
  const header = Buffer.alloc(5)
  header.writeUInt32BE(id, 1)
  return Buffer.concat([header, createAvroEncoder(AVRO)({ name: 'usdc' })])
}

/** Prints records with these schemas as `read` with these flags does. */
async function printed(t: TestContext, ids: readonly number[], flags: Record<string, string>) {
  const answers: Record<string, Answer> = { '/schemas/ids/1': [200, { schema: AVRO }] }
  const { url, asked } = await startFakeRegistry(t, (path) => answers[path] ?? unknown)
  const decode = createDecoding({
    topics: [{ pattern: 't', format: 'avro' }],
    registry: { url, timeout: 5_000 },
    maxMessageBytes: 1e6,
  })
  t.after(() => decode.close())
  const [out, err]: [string[], string[]] = [[], []]
  const stream = (texts: string[]) => ({
    write: (text: string | Uint8Array) => void texts.push(Buffer.from(text).toString()),
  })
  const io = { stdout: stream(out), stderr: stream(err), env: {} }
  const settings = readSettings(['t'], flags, 0)
  const { signal } = new AbortController()
  const output = createOutput(io.stdout, signal)
  const print = createPrint(settings, io)
  const printing = new Printing({ settings, filter: null, decode, print, output, io })
  const records = ids.map((id) => recordOf('t', framed(id)))
  await printing.take({ kind: 'records', records }, signal)
  await output.flush()
  return { out: out.join(''), err: err.join(''), asked, failed: printing.failed }
}

test('a record whose schema is in a registry is printed once that is loaded', async (t) => {
  const { out, err, asked, failed } = await printed(t, [1, 1], { value: 'true' })
  assert.deepEqual([out, err, failed], ['{"name":"usdc"}\n{"name":"usdc"}\n', '', 0])
  assert.deepEqual(asked, ['/schemas/ids/1'])
})

test('a schema that the registry does not have is the reason that is named', async (t) => {
  const { out, err, failed } = await printed(t, [2], { value: 'true' })
  assert.deepEqual([out, failed], ['', 1])
  assert.match(err, /OCC_SCHEMA_UNKNOWN/)
})

test('--raw asks no registry: the bytes are printed as they are', async (t) => {
  const { out, asked } = await printed(t, [1], { raw: 'true' })
  assert.deepEqual([out.endsWith('usdc'), asked], [true, []])
})
