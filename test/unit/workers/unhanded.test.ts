import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { MessageChannel } from 'node:worker_threads'
import type { PartitionProcessor } from '../../../src/flow/types.ts'
import { OK, retry } from '../../../src/kernel/shapes/outcome.ts'
import type { KafkaRecord } from '../../../src/kernel/shapes/record.ts'
import { createMeters } from '../../../src/observe/meters/meters.ts'
import { createForwardedLog } from '../../../src/workers/forwarded-log.ts'
import { packRecords } from '../../../src/workers/packing.ts'
import type { FromWorker } from '../../../src/workers/protocol.ts'
import { createStates } from '../../../src/workers/slice-state.ts'
import { createThread } from '../../../src/workers/thread/thread.ts'
import { kinds, recordAt, recordsOf, startWorkers, TOPIC } from './processing.ts'
import { fetchedOf, startFlow } from './wholes.ts'

const HANDLER = `export default { name: 'idle', handle() {} }`

/** A record that cannot be packed, whatever the reason. */
const unpackable = (offset: number): KafkaRecord => ({
  ...recordAt(offset),
  headers: {
    broken: Object.assign(Buffer.from('x'), {
      toString() {
        throw new TypeError('it breaks when it is packed')
      },
    }),
  },
})

test('a packing failure is the answer of its record; the others are handled', async (t) => {
  const { slice, meters } = await startWorkers(t, HANDLER)
  const records = [...recordsOf([{}, {}]), unpackable(2), recordAt(3)]
  assert.deepEqual(kinds(await slice(records, false)), Array(4).fill('untouched'))
  const again = kinds(await slice(records, false))
  assert.deepEqual(again, ['ok', 'ok', 'retry OCC_WORKER_TASK', 'ok'])
  assert.deepEqual(kinds(await slice([recordAt(4)])), ['ok'], 'the worker continues')
  assert.deepEqual(meters.workers.replaced, { died: 0, hung: 0 })
})

test('in the flow, records around one that cannot be packed are finished, and that one is a dead letter', async (t) => {
  const flow = await startFlow(t, HANDLER)
  const assignment = flow.assign([1])
  const batch = fetchedOf(1, 0, Array(20).fill({}))
  const read = batch.read.bind(batch)
  Object.defineProperty(batch, 'raw', { value: undefined })
  batch.read = () => read().map((record) => (record.offset === 7 ? unpackable(7) : record))
  flow.listener.batch(batch)
  flow.listener.batch(fetchedOf(1, 20, Array(10).fill({})))
  await flow.whenFinished(30)
  await flow.engine.drain(5_000)
  assert.deepEqual(flow.dead(), ['1@7'])
  assert.equal(flow.letters[0]?.error.code, 'OCC_WORKER_TASK')
  assert.equal(flow.topic.handled, 29)
  assert.equal(assignment.committed(1), 30)
})

test('a whole batch that cannot be packed is split and handled', async (t) => {
  const flow = await startFlow(t, HANDLER)
  const assignment = flow.assign([1])
  const batch = fetchedOf(1, 0, Array(20).fill({}))
  const { raw } = batch
  let asked = 0
  Object.defineProperty(batch, 'raw', {
    get() {
      asked += 1
      // Once where it is looked at, then where it is packed.
      if (asked === 2) throw new RangeError('Array buffer allocation failed')
      return raw
    },
  })
  flow.listener.batch(batch)
  await flow.whenFinished(20)
  await flow.engine.drain(5_000)
  assert.ok(asked >= 2)
  assert.deepEqual(flow.dead(), [])
  assert.equal(assignment.committed(1), 20)
})

/** The worker's side in this thread, and its answers for slices of this many records. */
function serve(openProcessor: () => PartitionProcessor) {
  const { port1, port2 } = new MessageChannel()
  const thread = createThread(
    port2,
    createMeters(),
    { logLevel: 'silent', atOnce: 1, read: () => [] },
    () => ({ value: Buffer.alloc(0), form: 'bytes' }),
  )
  const handling = { async start() {}, openProcessor, async configure() {}, async close() {} }
  return {
    async answerOf(records: readonly KafkaRecord[]) {
      await thread.serve(handling)
      await once(port1, 'message')
      const states = createStates(records.length)
      const packed = packRecords(records)
      const task = { id: 1, lane: 1, topic: TOPIC, partition: 1, ordered: true }
      port1.postMessage({ ...task, kind: 'slice', packed, states: states.buffer }, [packed])
      const [message]: FromWorker[] = await once(port1, 'message')
      port1.close()
      assert.ok(message?.kind === 'answer')
      return { error: message.error, outcomes: message.outcomes, states: [...states] }
    },
  }
}

test('in the worker: a processor that does not open fails its records, not the thread', async () => {
  const { error } = await serve(() => {
    throw new Error('no processor')
  }).answerOf(recordsOf([{}]))
  assert.equal(error?.message, 'no processor')
})

test('in the worker: an error of a processor is the answer of that record', async () => {
  for (const isLater of [true, false]) {
    const problem = new Error('not this one')
    const { error, outcomes } = await serve(() => ({
      process({ offset }) {
        if (offset !== 1) return OK
        if (isLater) return Promise.reject(problem)
        throw problem
      },
    })).answerOf(recordsOf([{}, {}]))
    assert.equal(error, null)
    assert.deepEqual(
      outcomes.map(([index, outcome]) => [
        index,
        outcome.kind,
        'error' in outcome && outcome.error.code,
      ]),
      [[1, 'retry', 'OCC_ATTEMPT']],
    )
  }
})

test('in the worker: an outcome that cannot cross threads is reported as a failure', async () => {
  const after = (() => 1) as unknown as number
  const { error } = await serve(() => ({
    process: () => ({ ...retry(new Error('x') as never, null), after }),
  })).answerOf(recordsOf([{}]))
  assert.match(error?.message ?? '', /could not be cloned/)
})

test('a line of a worker is written whatever its fields', () => {
  const { port1, port2 } = new MessageChannel()
  const log = createForwardedLog(
    () => 'info',
    (line) => port1.postMessage(line),
  )
  const nothing = Object.create(null, { text: { get: () => assert.fail('no'), enumerable: true } })
  log.info(
    { event: 'worker.ready', error: new Error('x', { cause: () => {} }), call() {}, nothing },
    'text',
  )
  port1.close()
  port2.close()
})
