import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { freePorts } from '../../../../dev/kafka/nodes/ports.ts'
import { type Apicurio, startApicurio } from '../../../../dev/registry/apicurio.ts'
import { schemasFolder } from '../../../../dev/synthetic/protobuf.ts'
import { createSynthesizer } from '../../../../dev/synthetic/synthesizer.ts'
import { createDecoder } from '../../../../src/decode/decoder.ts'
import { compressLz4Frame } from '../../../../src/decode/lz4/compress.ts'
import { fuzzSeed } from '../../../support/random.ts'
import { startTcpProxy } from '../../../support/servers/tcp-proxy.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { plainEvent } from '../../decode/plain-event.ts'
import { until, useKafka } from '../../harness.ts'
import { plainEnvironment, ROOT, startService } from '../process.ts'

let registry: Apicurio
const embedded = useKafka(async () => {
  registry = await startApicurio()
})
after(() => registry.stop())

const HANDLER = `
import { defineHandler } from 'onchain-consumer'
export default defineHandler({
  name: 'recorder',
  async handle({ record, document, events }, { emit }) {
    const { topic, offset } = record
    const ids = events.map(({ id }) => id)
    await emit('out', { topic, document: topic === 'proto' ? null : document, ids }, { id: topic + offset })
  },
})
`

interface Emitted {
  readonly topic: string
  readonly document: unknown
  readonly ids: readonly string[]
}

/** Written by Confluent's serializers in Python, which register the schemas. */
async function writtenByPython(): Promise<
  Array<{ topic: string; value: Buffer; document: unknown }>
> {
  const python = await run(join(ROOT, 'dev/python/venv.sh'), ['registry'])
  const script = join(ROOT, 'test/integration/decode/avro.py')
  const lines = await run(python, [script, 'framed', String(fuzzSeed), '20', registry.url])
  return lines.split('\n').map((line) => {
    const { topic, value, document } = JSON.parse(line)
    return { topic, value: Buffer.from(value, 'base64'), document }
  })
}

async function run(file: string, args: readonly string[]): Promise<string> {
  return (await promisify(execFile)(file, args, { maxBuffer: 2 ** 28 })).stdout.trim()
}

async function register(subject: string, body: object): Promise<number> {
  const response = await fetch(`${registry.url}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ schemaType: 'PROTOBUF', ...body }),
  })
  const { id } = (await response.json()) as { id: number }
  assert.equal(response.status, 200)
  return id
}

/** Token messages behind the header that names their schema, which imports others. */
async function protobufMessages() {
  const text = (name: string) => readFileSync(join(schemasFolder, 'solana', name), 'utf8')
  const names = ['block_message.proto', 'parsed_idl_block_message.proto']
  const references: object[] = []
  for (const name of names) {
    await register(name, { schema: text(name), references })
    references.push({ name: `solana/${name}`, subject: name, version: 1 })
  }
  const id = await register('tokens', { schema: text('token_block_message.proto'), references })
  const synthesizer = createSynthesizer({
    seed: 3,
    stream: 'solana',
    format: 'protobuf',
    lz4Share: 0,
  })
  const messages = Array.from({ length: 50 }, () => synthesizer.next())
  const index = /message TokenBlockMessage/.exec(text('token_block_message.proto'))?.index ?? 0
  const before =
    text('token_block_message.proto')
      .slice(0, index)
      .match(/^message /gm)?.length ?? 0
  const header = Buffer.from([0, 0, 0, 0, 0, 2, before * 2])
  header.writeUInt32BE(id, 1)
  return {
    values: messages.map(({ value }) => Buffer.concat([header, value as Buffer])),
    ids: messages.map((message) => synthesizer.eventIds(message.index)),
  }
}

test('while the registry is away partitions wait and others go on; then all is read as Python wrote it, in worker threads too', async (t) => {
  const [written, proto] = await Promise.all([writtenByPython(), protobufMessages()])
  const avro = written.filter(({ topic }) => topic === 'avro')
  const json = written.filter(({ topic }) => topic === 'json')
  for (const topic of ['avro', 'json', 'proto']) await embedded.createTopic(topic)
  const sent = { avro: avro.length, json: json.length, proto: proto.values.length }
  await embedded.send(
    'avro',
    avro.map(({ value }) => ({ value })),
  )
  await embedded.send(
    'json',
    json.map(({ value }) => ({ value })),
  )
  await embedded.send(
    'proto',
    proto.values.map((value) => ({ value })),
  )
  for (const workers of [0, 1]) {
    const group = `registry-${workers}`
    const folder = temporaryFolder(t)
    const [port = 0] = await freePorts(1)
    await writeFile(join(folder, 'recorder.ts'), HANDLER)
    await writeFile(
      join(folder, 'config.yaml'),
      JSON.stringify({
        decode: {
          registry: { url: registry.url.replace(String(registry.port), String(port)) },
          topics: [
            { pattern: 'avro', format: 'avro' },
            { pattern: 'proto', format: 'protobuf' },
          ],
        },
        handlers: [{ path: join(folder, 'recorder.ts') }],
        sinks: { out: { type: 'log' } },
        processing: { workers },
      }),
    )
    const env = plainEnvironment(t, embedded.kafka, 'avro,json,proto', group)
    const args = ['--config', join(folder, 'config.yaml')]
    const service = startService(t, { ...env, OCC_SINK_LOG_MODE: 'off' }, args)
    const done = (topic: string) => embedded.committedTotal(group, topic)
    const away = await service.logged(({ event }) => event === 'registry.away', 'the outage')
    assert.match(away.msg, /ECONNREFUSED.*Partitions .* wait/)
    await until(async () => (await done('json')) === sent.json, 'the topic that needs no schema')
    const { body } = await service.get('/lag')
    assert.equal(body.match(/"pausedBy":"schema"/g)?.length, 2)
    assert.deepEqual([await done('avro'), await done('proto')], [0, 0])
    await startTcpProxy(t, { host: '127.0.0.1', port }, { host: '127.0.0.1', port: registry.port })
    for (const topic of ['avro', 'proto'] as const) {
      await until(async () => (await done(topic)) === sent[topic], `all of ${topic}`)
    }
    const { code, lines } = await service.end()
    assert.equal(code, 0)
    assert.ok(lines.some(({ event }) => event === 'registry.back'))
    assert.ok(!lines.some(({ event }) => event === 'record.failed'))
    const emitted = lines
      .filter(({ event }) => event === 'value.emitted')
      .map(({ value }) => value as Emitted)
    const of = (topic: string) => emitted.filter((one) => one.topic === topic)
    const documents = (topic: string) => of(topic).map(({ document }) => document)
    assert.deepEqual(
      documents('avro'),
      avro.map(({ document }) => document),
    )
    assert.deepEqual(
      documents('json'),
      json.map(({ document }) => document),
    )
    assert.deepEqual(
      of('proto').map(({ ids }) => ids.toSorted()),
      proto.ids.map((ids) => ids.toSorted()),
    )
    console.log(
      `workers ${workers}: ${avro.length} Avro, ${json.length} JSON, ${proto.values.length} Protocol Buffers, all equal, 0 letters`,
    )
  }
})

/** Messages of each of the provider's topics that Confluent's serializer writes in Python. */
const MESSAGES = 20

test("Protocol Buffers written by Confluent's serializer in Python are read as Python reads them, with other files mounted or none", async (t) => {
  const python = await run(join(ROOT, 'dev/python/venv.sh'), ['registry'])
  const script = join(ROOT, 'test/integration/decode/messages.py')
  const args = [script, String(fuzzSeed), String(MESSAGES), registry.url]
  const kinds = (await run(python, args)).split('\n').map((line) => JSON.parse(line))
  const rules = kinds.map(({ topic }) => ({ pattern: topic, format: 'protobuf' }))
  for (const schemas of [undefined, schemasFolder]) {
    const decoder = createDecoder({
      ...{ topics: rules, protobuf: { schemas }, maxMessageBytes: 1e7 },
      registry: { url: registry.url, timeout: 5_000 },
    })
    t.after(() => decoder.close())
    let compared = 0
    for (const { topic, values, events } of kinds) {
      for (const [index, text] of values.entries()) {
        const bytes = Buffer.from(text, 'base64')
        assert.equal(bytes[0], 0)
        const value = index % 2 === 0 ? bytes : compressLz4Frame(bytes)
        const place = { topic, partition: 0, offset: index, timestamp: 0, headers: undefined }
        const record = { ...place, key: null, value }
        await decoder.awaits(record)
        const result = decoder.decode(record)
        assert.ok(result.ok, result.ok ? '' : result.error.message)
        const found = result.message.events.map((event, number) =>
          Object.fromEntries(
            Object.entries(plainEvent(event)).filter(([name]) => name in events[index][number]),
          ),
        )
        assert.deepEqual(found, events[index], `${topic} ${index} of FUZZ_SEED=${fuzzSeed}`)
        compared += 1
      }
    }
    const mounted = schemas === undefined ? 'nothing' : 'other files'
    console.log(`${compared} messages of ${kinds.length} topics, ${mounted} mounted: all equal`)
    assert.equal(compared, 8 * MESSAGES)
  }
})
