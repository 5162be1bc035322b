import assert from 'node:assert/strict'
import test from 'node:test'
import { runProduction } from '../../../../dev/synthetic/production.ts'
import { createSynthesizer } from '../../../../dev/synthetic/synthesizer.ts'
import type { ProducedRecord, ProductionProgress } from '../../../../dev/synthetic/types.ts'
import { CodedError } from '../../../../src/kernel/errors.ts'

/** Time that passes only when somebody sleeps or a send takes some. */
function fakeTime() {
  let now = 5_000
  const clock = { now: () => now, monotonic: () => now }
  const sleep = async (milliseconds: number) => {
    now += milliseconds
  }
  const pass = (milliseconds: number) => {
    now += milliseconds
  }
  return { clock, sleep, pass }
}

function fakeProducer(onSend: (batch: readonly ProducedRecord[]) => void = () => {}) {
  const sent: ProducedRecord[] = []
  const batches: number[] = []
  let open = 0
  return {
    sent,
    batches,
    async send(_topic: string, messages: readonly ProducedRecord[]) {
      assert.equal(++open, 1, 'two sends at a time would lose the order')
      await new Promise((resolve) => setImmediate(resolve))
      onSend(messages)
      sent.push(...messages)
      batches.push(messages.length)
      open--
    },
  }
}

const stream = (partitions?: number) =>
  createSynthesizer({ seed: 1, stream: 'tron', messageBytes: 1000, partitions })
const topic = 'tron.broadcasted.transactions'

test('sends the stream in order, with headers and partitions, and then ends', async () => {
  const producer = fakeProducer()
  const summary = await runProduction(stream(3), producer, { topic, rate: 0, count: 1234 })
  const wanted = stream(3)
  assert.deepEqual(
    producer.sent,
    Array.from({ length: 1234 }, () => {
      const { key, value, headers, partition } = wanted.next()
      return { key, value, headers, partition }
    }),
  )
  assert.equal(summary.endedBy, 'count')
  assert.equal(summary.messages, 1234)
  assert.equal(summary.bytes, wanted.expected.bytes)
})

test('leaves the partition to the client if the number of partitions is unknown', async () => {
  const producer = fakeProducer()
  await runProduction(stream(), producer, { topic, rate: 0, count: 5 })
  assert.ok(producer.sent.every((record) => !('partition' in record)))
})

test('batches are bounded in messages and in bytes', async () => {
  const few = fakeProducer()
  await runProduction(stream(), few, { topic, rate: 0, count: 100, batchMessages: 30 })
  assert.deepEqual(few.batches, [30, 30, 30, 10])
  const small = fakeProducer()
  await runProduction(stream(), small, { topic, rate: 0, count: 4, batchBytes: 1 })
  assert.deepEqual(small.batches, [1, 1, 1, 1])
})

for (const rate of [3, 250, 20_000]) {
  test(`keeps to ${rate} messages a second`, async () => {
    const time = fakeTime()
    const late: number[] = []
    let made = 0
    const producer = fakeProducer((batch) => {
      made += batch.length
      late.push(made - ((time.clock.now() - 5_000) / 1000) * rate)
    })
    const { milliseconds } = await runProduction(stream(), producer, {
      topic,
      rate,
      count: rate * 3,
      ...time,
    })
    assert.ok(Math.abs(milliseconds - 3000) <= 21, `${milliseconds} ms`)
    assert.ok(Math.max(...late) < 1e-6, 'ahead of the schedule')
  })
}

test('after a pause of the broker at most one second is made up', async () => {
  const time = fakeTime()
  let paused = false
  const producer = fakeProducer(() => {
    if (!paused) time.pass(60_000)
    paused = true
  })
  const { milliseconds } = await runProduction(stream(), producer, {
    topic,
    rate: 100,
    count: 1000,
    ...time,
  })
  // 1,000 messages last 10 s; a minute was lost, one second of it made up for.
  assert.ok(Math.abs(milliseconds - 69_000) < 100, `${milliseconds} ms`)
})

test('an abort ends it: created messages are sent, and the counters agree', async () => {
  const stop = new AbortController()
  const synthesizer = stream()
  const producer = fakeProducer(() => producer.batches.length === 3 && stop.abort())
  const summary = await runProduction(
    synthesizer,
    producer,
    { topic, rate: 0, count: Number.POSITIVE_INFINITY },
    undefined,
    stop.signal,
  )
  assert.equal(summary.endedBy, 'signal')
  assert.equal(summary.messages, producer.sent.length)
  assert.equal(synthesizer.expected.messages, producer.sent.length)
})

test('an abort during a wait ends it at once', async () => {
  const stop = new AbortController()
  const time = fakeTime()
  const sleep = async (_: number, signal?: AbortSignal) => {
    assert.equal(signal, stop.signal)
    stop.abort()
  }
  const summary = await runProduction(
    stream(),
    fakeProducer(),
    { topic, rate: 1, count: 10, clock: time.clock, sleep },
    undefined,
    stop.signal,
  )
  assert.equal(summary.messages, 0)
})

test('rejects with the error of a send, and sends nothing after it', async () => {
  const refusal = new CodedError('OCC_TEST', 'not authorized')
  const producer = fakeProducer(() => {
    if (producer.batches.length === 1) throw refusal
  })
  await assert.rejects(
    runProduction(stream(), producer, { topic, rate: 0, count: 100, batchMessages: 10 }),
    refusal,
  )
  assert.equal(producer.sent.length, 10)
})

test('ends only after the acknowledgement of the last send, or with its error', async () => {
  const gate = Promise.withResolvers<void>()
  const sending = Promise.withResolvers<void>()
  const producer = {
    send() {
      sending.resolve()
      return gate.promise
    },
  }
  const production = runProduction(stream(), producer, { topic, rate: 0, count: 10 })
  await sending.promise
  // Many turns of the loop later it still waits.
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
  gate.reject(new CodedError('OCC_TEST', 'the last one failed'))
  await assert.rejects(production, { message: 'the last one failed' })
})

test('progress counts what the brokers have acknowledged', async () => {
  const seen: ProductionProgress[] = []
  const producer = fakeProducer()
  await runProduction(
    stream(),
    producer,
    { topic, rate: 0, count: 90, batchMessages: 30 },
    (progress) => {
      assert.equal(progress.messages, producer.sent.length)
      seen.push(progress)
    },
  )
  assert.deepEqual(
    seen.map(({ messages }) => messages),
    [30, 60, 90],
  )
})
