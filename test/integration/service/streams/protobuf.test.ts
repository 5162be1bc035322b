import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { encodeMessage, schemasFolder } from '../../../../dev/synthetic/protobuf.ts'
import { createSynthesizer } from '../../../../dev/synthetic/synthesizer.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { until, useKafka } from '../../harness.ts'
import { plainEnvironment, runCommand, startService } from '../process.ts'

const embedded = useKafka()
const TOKENS = 'solana.tokens.proto'

const HANDLER = `
import { defineHandler } from 'onchain-consumer'
export default defineHandler({
  name: 'recorder',
  async handle({ events, document }, { emit }) {
    const { Slot } = document.Header
    for (const { id, amount, block } of events) await emit('out', { id, amount, block, Slot }, { id })
  },
})
`

test('what is produced as Protocol Buffers reaches a handler, in worker threads too', async (t) => {
  await embedded.createTopic(TOKENS, 2)
  const options = { seed: 5, stream: 'solana', format: 'protobuf' } as const
  const synthesizer = createSynthesizer({ ...options, lz4Share: 0.5 })
  const messages = Array.from({ length: 200 }, () => synthesizer.next())
  await embedded.send(
    TOKENS,
    messages.map(({ value }) => ({ value })),
  )
  const expected = messages.flatMap(({ index }) => synthesizer.eventIds(index)).toSorted()
  for (const workers of [0, 1]) {
    const group = `handled-${workers}`
    const folder = temporaryFolder(t)
    await writeFile(join(folder, 'recorder.ts'), HANDLER)
    await writeFile(
      join(folder, 'config.yaml'),
      JSON.stringify({
        decode: { protobuf: { schemas: schemasFolder } },
        handlers: [{ path: join(folder, 'recorder.ts') }],
        sinks: { out: { type: 'log' } },
        processing: { workers },
      }),
    )
    const env = { ...plainEnvironment(t, embedded.kafka, TOKENS, group), OCC_SINK_LOG_MODE: 'off' }
    const service = startService(t, env, ['--config', join(folder, 'config.yaml')])
    await until(
      async () => (await embedded.committedTotal(group, TOKENS)) === 200,
      'all to be committed',
    )
    const { code, lines } = await service.end()
    assert.equal(code, 0)
    const emitted = lines.filter(({ event }) => event === 'value.emitted')
    assert.deepEqual(emitted.map(({ id }) => id).toSorted(), expected)
    for (const { value } of emitted) {
      const { block, Slot, amount } = value as {
        block: { number: string }
        Slot: number
        amount: string
      }
      assert.equal(Number(block.number), Slot)
      assert.match(amount, /^\d+$/)
    }
  }
})

test('a topic without its schema does not start, and a foreign topic stops at its circuit', async (t) => {
  const missing = temporaryFolder(t)
  await writeFile(
    join(missing, 'a.proto'),
    'syntax = "proto3"; package a; message A { int32 a = 1; }',
  )
  const env = (topic: string, group: string) => plainEnvironment(t, embedded.kafka, topic, group)
  const schemas = (folder: string) => ({ OCC_DECODE_PROTOBUF_SCHEMAS: folder })
  const topic = 'eth.tokens.proto'
  await embedded.createTopic(topic)
  const without = await runCommand(['run'], {
    ...env(topic, 'without'),
    ...schemas(missing),
    HTTP_PORT: '0',
  })
  assert.equal(without.code, 1)
  assert.match(`${without.stdout}${without.stderr}`, /OCC_PROTOBUF_SCHEMA/)
  assert.match(
    `${without.stdout}${without.stderr}`,
    /eth\.tokens\.proto needs the message evm_messages/,
  )

  const foreign = encodeMessage('solana_messages.TokenBlockMessage', { Header: { Slot: 1 } })
  await embedded.send(
    topic,
    Array.from({ length: 100 }, () => ({ value: foreign })),
  )
  const service = startService(t, { ...env(topic, 'foreign'), ...schemas(schemasFolder) })
  const opened = await service.logged(
    ({ event }) => event === 'circuit.opened',
    'the circuit opens',
  )
  assert.match(opened.msg, /eth\.tokens\.proto/)
  assert.match(JSON.stringify(opened), /OCC_PROTOBUF_INVALID/)
  const { body } = await service.get('/lag')
  assert.match(body, /"pausedBy":\[?"decode"/)
  await service.end()
})
