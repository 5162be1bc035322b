import assert from 'node:assert/strict'
import test from 'node:test'
import { schemasFolder } from '../../../dev/synthetic/protobuf.ts'
import type { LogItem } from '../../../src/app/read-log.ts'
import { createRecentBlocks } from '../../../src/app/recent-blocks.ts'
import type { LogPart } from '../../../src/broker/reading/log-reader.ts'
import { createDecoder } from '../../../src/decode/decoder.ts'
import { OccError } from '../../../src/kernel/errors.ts'
import type { KafkaRecord } from '../../../src/kernel/shapes/record.ts'
import { createCapturedLog } from '../../support/captured-log.ts'
import { block } from '../../support/records/evm-block.ts'

const TOPIC = 'eth.tokens.proto'

function recordOf(partition: number, offset: number, timestamp: number, value: Buffer) {
  return { topic: TOPIC, partition, offset, timestamp, key: null, value, headers: undefined }
}

/** The log below is what the iterable gives. */
function setUp(read: (signal: AbortSignal) => AsyncIterable<LogItem>, patience?: number) {
  const log = createCapturedLog()
  const asked: LogPart[][] = []
  const decoder = createDecoder({
    ...{ topics: [], protobuf: { schemas: schemasFolder, reorgs: true } },
    maxMessageBytes: 1e7,
  })
  const recent = createRecentBlocks({
    decoder,
    read(parts, signal) {
      asked.push([...parts])
      return read(signal)
    },
    ...(patience !== undefined && { patience }),
    log,
  })
  /** Kinds of the events of the record. */
  const kinds = (record: KafkaRecord) => {
    const result = recent.decoder.decode(record)
    assert.ok(result.ok)
    return result.message.events.map(({ kind }) => kind)
  }
  const waits = () => recent.decoder.awaits(recordOf(0, 9, 9, block(9, 0)))
  const said = () => log.lines.map(({ level, fields }) => `${level} ${fields.event}`)
  return { recent, asked, kinds, waits, said, log }
}

async function* given(...items: LogItem[]) {
  yield* items
}

const records = (...of: KafkaRecord[]): LogItem => ({ kind: 'records', records: of })

test('the last records of all partitions are known before the first is decoded, in the order of their times', async () => {
  // Branch 1 leaves after block 3, in partition 0; block 4 of branch 0 came before, in partition 1.
  const below = [
    records(
      recordOf(0, 7, 10, block(1, 0)),
      // Its producer's clock went back.
      recordOf(0, 8, 5, block(3, 0)),
      recordOf(0, 9, 50, block(4, 1, 0)),
    ),
    records(recordOf(1, 3, 20, block(2, 0)), recordOf(1, 4, 40, block(4, 0))),
  ]
  const { recent, asked, kinds, waits, said } = setUp(() => given(...below))
  recent.begin({ topic: TOPIC, partition: 0 }, 1000)
  recent.begin({ topic: TOPIC, partition: 1 }, 5)
  assert.equal(recent.decoder.mayAwait(TOPIC), true)
  await waits()
  assert.equal(waits(), null)
  assert.equal(recent.decoder.mayAwait(TOPIC), false)
  assert.deepEqual(asked, [
    [
      { topic: TOPIC, partition: 0, from: 488, to: 1000 },
      { topic: TOPIC, partition: 1, from: 0, to: 5 },
    ],
  ])
  // The present branch is 1: what follows it is no news, what follows the other one is.
  assert.deepEqual(kinds(recordOf(0, 10, 60, block(5, 1))), ['transfer'])
  assert.deepEqual(kinds(recordOf(0, 11, 60, block(6, 0))), ['reorg', 'transfer'])
  // And a record that is read again reveals what it revealed.
  assert.deepEqual(kinds(recordOf(0, 9, 50, block(4, 1, 0))), ['reorg', 'transfer'])
  assert.deepEqual(said(), ['info blocks.known'])
})

test('nothing is read for the first record of a partition, or for topics without blocks', async () => {
  const { recent, asked } = setUp(() => given())
  recent.begin({ topic: TOPIC, partition: 0 }, 0)
  recent.begin({ topic: 'eth.broadcasted.tokens.proto', partition: 0 }, 10)
  recent.begin({ topic: 'solana.transfers', partition: 0 }, 10)
  await Promise.resolve()
  assert.deepEqual(asked, [])
  assert.equal(recent.decoder.mayAwait(TOPIC), false)
})

test('what retention has deleted is said once, and nothing waits for it', async () => {
  const range = { topic: TOPIC, partition: 0, from: 0, to: 10 }
  const { recent, waits, said, log } = setUp(() => given({ kind: 'lost', range }))
  recent.begin({ topic: TOPIC, partition: 0 }, 10)
  await waits()
  assert.deepEqual(said(), ['warn blocks.unknown'])
  assert.match(log.lines[0]?.text ?? '', /Retention .* eth\.tokens\.proto .* partitions 0: a fork/)
})

test('records that cannot be read are given up after a time, and what was read is known', async () => {
  async function* silent(signal: AbortSignal): AsyncGenerator<LogItem> {
    yield records(recordOf(0, 8, 1, block(1, 0)), recordOf(0, 9, 2, block(2, 0)))
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
  }
  const { recent, kinds, waits, said } = setUp(silent, 20)
  recent.begin({ topic: TOPIC, partition: 0 }, 20)
  await waits()
  assert.deepEqual(said(), ['warn blocks.unknown'])
  assert.deepEqual(kinds(recordOf(0, 20, 3, block(2, 1, 0))), ['reorg', 'transfer'])
})

test('brokers that answer, but slowly, do not hold a topic for longer', async () => {
  async function* slow(signal: AbortSignal): AsyncGenerator<LogItem> {
    for (let offset = 0; !signal.aborted; offset++) {
      yield records(recordOf(0, offset, offset, block(offset + 1, 0)))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  const { recent, waits, said, log } = setUp(slow, 30)
  recent.begin({ topic: TOPIC, partition: 0 }, 1_000_000)
  await waits()
  assert.deepEqual(said(), ['warn blocks.unknown'])
  assert.match(log.lines[0]?.text ?? '', /not all of them were read in 0\.03 s/)
})

test('a log that was cut below the offset is said', async () => {
  const why = new OccError('OCC_LOG_CUT', 'the log was cut at offset 4')
  const part = { topic: TOPIC, partition: 0 }
  const { recent, waits, said, log } = setUp(() =>
    given(records(recordOf(0, 3, 1, block(1, 0))), { kind: 'ended', part, why }),
  )
  recent.begin(part, 10)
  await waits()
  assert.deepEqual(said(), ['warn blocks.unknown'])
  assert.match(log.lines[0]?.text ?? '', /the log was cut at offset 4/)
})

test('a partition that begins meanwhile holds its topic, too', async () => {
  const second = Promise.withResolvers<void>()
  let calls = 0
  const { recent, waits } = setUp(async function* () {
    calls += 1
    if (calls === 2) await second.promise
    yield { kind: 'waiting' }
  })
  recent.begin({ topic: TOPIC, partition: 0 }, 10)
  const first = waits()
  recent.begin({ topic: TOPIC, partition: 1 }, 10)
  await Promise.resolve()
  await Promise.resolve()
  recent.begin({ topic: TOPIC, partition: 2 }, 10)
  await first
  assert.notEqual(waits(), null)
  second.resolve()
  await waits()
  assert.equal(waits(), null)
})
