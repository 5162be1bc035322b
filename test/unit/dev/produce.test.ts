import assert from 'node:assert/strict'
import test from 'node:test'
import { createProduceCommand } from '../../../dev/produce/produce.ts'
import type { ProducedRecord, RecordProducer } from '../../../dev/synthetic/types.ts'
import { OccError } from '../../../src/kernel/errors.ts'
import { fakeIo } from '../../support/fake-io.ts'

function fakeProducer(onSend: () => void = () => {}) {
  const sent: ProducedRecord[] = []
  const calls: string[] = []
  const producer: RecordProducer = {
    async ensureTopic(topic, partitions) {
      calls.push(`ensure ${topic} ${partitions}`)
    },
    async send(topic, messages) {
      calls.push(`send ${topic}`)
      onSend()
      sent.push(...messages)
    },
    async close() {
      calls.push('close')
    },
  }
  return { sent, calls, command: createProduceCommand(async () => producer) }
}

const flags = (...more: string[]) => ['--brokers', 'localhost:9092', '--rate', '0', ...more]

test('sends the requested messages, closes, and prints a summary', async () => {
  const { sent, calls, command } = fakeProducer()
  const io = fakeIo()
  const code = await command.run(
    flags('--count', '100', '--seed', '5', '--poison-share', '0.1', '--create-topic'),
    io,
  )
  assert.equal(code, 0)
  assert.deepEqual(calls, ['ensure solana.transfers 4', 'send solana.transfers', 'close'])
  assert.equal(sent.length, 100)
  const lines = io.stdout.written().split('\n')
  assert.equal(lines[0], 'Done: solana.transfers, seed 5')
  assert.match(lines[1] ?? '', /^messages +100$/)
  const poison = sent.filter(({ headers }) => headers['synthetic-kind'] !== 'good').length
  const told = [...io.stdout.written().matchAll(/^poison: .* (\d+)$/gm)]
  assert.equal(
    told.reduce((sum, [, count]) => sum + Number(count), 0),
    poison,
  )
  assert.match(io.stderr.written(), /^solana\.transfers {2}100% {2}100\/100 /)
})

test('Ctrl-C ends it cleanly, with a summary of what was sent', async () => {
  const stop = new AbortController()
  const { sent, calls, command } = fakeProducer(() => stop.abort())
  const io = fakeIo({ signal: stop.signal })
  assert.equal(await command.run(flags('--stream', 'tron'), io), 0)
  assert.equal(calls.at(-1), 'close')
  assert.match(io.stdout.written(), /^Interrupted: tron\.broadcasted\.transactions/)
  assert.match(
    io.stdout.written(),
    new RegExp(`^messages +${sent.length.toLocaleString('en-US')}$`, 'm'),
  )
})

test('a failed send closes the producer and reports how far it got', async () => {
  const { calls, command } = fakeProducer(() => {
    throw new OccError('OCC_TOPIC_UNKNOWN', 'the topic does not exist')
  })
  await assert.rejects(command.run(flags('--seed', '3', '--count', '100'), fakeIo()), {
    code: 'OCC_PRODUCE_FAILED',
    message:
      'Producing to solana.transfers stopped after at most 100 messages of seed 3: the topic does not exist',
  })
  assert.equal(calls.at(-1), 'close')
})

test('invalid flags make no connection', async () => {
  const command = createProduceCommand(() => assert.fail('connected'))
  await assert.rejects(command.run(flags('--count', '0'), fakeIo()), { code: 'OCC_USAGE' })
})
