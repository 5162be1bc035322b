import assert from 'node:assert/strict'
import test from 'node:test'
import type { ChainEvent, DecodeResult, Decoder, Message } from '../../../src/decode/types.ts'
import { createDuplicateWindow } from '../../../src/handle/duplicates.ts'
import { acknowledge, type Handler, Pipeline } from '../../../src/handle/pipeline.ts'
import { OccError } from '../../../src/kernel/errors.ts'
import { dead, OK, type Outcome } from '../../../src/kernel/outcome.ts'
import type { KafkaRecord } from '../../../src/kernel/record.ts'
import { createMeters } from '../../../src/observe/meters.ts'

const RECORD: KafkaRecord = {
  topic: 'transfers',
  partition: 3,
  offset: 9,
  timestamp: 0,
  key: null,
  value: Buffer.from('a,b'),
  headers: undefined,
}

const event = (id: string): ChainEvent => ({
  id,
  chain: 'solana',
  kind: 'transfer',
  time: null,
  from: null,
  to: null,
  addresses: [],
  asset: null,
  amount: null,
  success: true,
})

/** The document is the text; each part between commas is the id of an event. */
function decode(record: KafkaRecord): DecodeResult {
  const document = String(record.value)
  const encoding = document.startsWith('lz4') ? 'lz4' : 'plain'
  return {
    ok: true,
    message: {
      record,
      encoding,
      bytes: document.length,
      document,
      events: document.split(',').map(event),
    },
  }
}

function setUp(handler: Handler, over: { decoder?: Decoder; window?: number } = {}) {
  const { decoder = { decode }, window = 100 } = over
  const meters = createMeters()
  const parts = {
    decoder,
    handler,
    openDuplicateWindow: () => (window === 0 ? null : createDuplicateWindow(window)),
    topicMeter: (topic: string) => meters.topic(topic),
  }
  const pipeline = new Pipeline(parts, RECORD)
  const { signal } = new AbortController()
  return {
    parts,
    meter: meters.topic(RECORD.topic),
    signal,
    process: (value?: string) =>
      pipeline.process(
        value === undefined ? RECORD : { ...RECORD, value: Buffer.from(value) },
        signal,
      ),
  }
}

/** A handler that is not TypeScript, and so may answer anything. */
const untyped = (answer: () => unknown) => answer as Handler

function errorOf(outcome: Outcome): OccError {
  assert.equal(outcome.kind, 'dead')
  return outcome.error
}

test('the handler gets the decoded message and the signal, and its outcome is the outcome', async () => {
  const calls: Array<{ message: Message; signal: AbortSignal }> = []
  const skip: Outcome = { kind: 'skip', reason: 'not watched' }
  const { process, signal } = setUp((message, context) => {
    calls.push({ message, signal: context.signal })
    return skip
  })
  assert.equal(process(), skip, 'answered at once, without a turn of the event loop')
  assert.deepEqual(
    calls.map(({ message, signal }) => [message.document, message.record, signal]),
    [['a,b', RECORD, signal]],
  )
  const later = setUp(async () => skip)
  assert.deepEqual(await later.process(), skip)
  assert.equal(setUp(acknowledge).process(), OK)
})

test('a record that cannot be decoded is failed, and the handler never sees it', () => {
  const error = new OccError('OCC_JSON', 'no JSON')
  const { process, meter } = setUp(() => assert.fail('called'), {
    decoder: { decode: () => ({ ok: false, error }) },
  })
  assert.deepEqual(process(), dead(error))
  assert.equal(meter.decodeSeconds.snapshot().count, 1)
})

test('a decoder that throws, against its promise, still only fails its record', () => {
  const { process } = setUp(acknowledge, {
    decoder: {
      decode() {
        throw new RangeError('bug')
      },
    },
  })
  assert.match(errorOf(process() as Outcome).message, /bug/)
})

test('a handler that throws or rejects fails its record as OCC_HANDLER, with the cause', async () => {
  const cause = new TypeError('x is not a function')
  const throwing = setUp(() => {
    throw cause
  })
  const rejecting = setUp(() => Promise.reject(cause))
  for (const outcome of [throwing.process(), await rejecting.process()]) {
    const error = errorOf(outcome as Outcome)
    assert.equal(error.code, 'OCC_HANDLER')
    assert.match(error.message, /x is not a function/)
    assert.equal(error.cause, cause)
  }
})

test('a handler may throw anything', async () => {
  for (const thrown of [undefined, null, 'text', 7]) {
    const { process } = setUp(() => Promise.reject(thrown))
    assert.equal(errorOf(await process()).code, 'OCC_HANDLER')
  }
})

test('a coded error that a handler throws keeps its code', async () => {
  const error = new OccError('OCC_TOO_POOR', 'no funds')
  assert.deepEqual(await setUp(() => Promise.reject(error)).process(), dead(error))
})

test('a handler that answers no outcome fails its record, rather than losing it or stopping the process', async () => {
  for (const answer of [undefined, null, true, 'ok', {}, { kind: 'done' }]) {
    assert.equal(errorOf(setUp(untyped(() => answer)).process() as Outcome).code, 'OCC_HANDLER')
    assert.equal(errorOf(await setUp(untyped(async () => answer)).process()).code, 'OCC_HANDLER')
  }
  const noError = setUp(untyped(() => ({ kind: 'dead', error: new Error('plain') })))
  assert.match(errorOf(noError.process() as Outcome).message, /plain/)
})

test("another library's promise is awaited", async () => {
  const thenable = {
    // biome-ignore lint/suspicious/noThenProperty: that is what such a promise is.
    then(resolve: (outcome: Outcome) => void, _reject: (error: unknown) => void) {
      setImmediate(resolve, { kind: 'skip', reason: 'late' })
    },
  }
  const answer = setUp(untyped(() => thenable)).process()
  assert.ok(answer instanceof Promise)
  assert.deepEqual(await answer, { kind: 'skip', reason: 'late' })
})

test('events are counted, and those seen before in the partition, also within one record', () => {
  const { process, meter } = setUp(acknowledge)
  process('a,b')
  process('b,c,c')
  process('lz4,a')
  assert.deepEqual([meter.events, meter.duplicates, meter.lz4Records], [7, 3, 1])
})

test('each assignment of a partition remembers its own events', () => {
  const { parts, process, meter, signal } = setUp(acknowledge)
  process('a')
  new Pipeline(parts, RECORD).process({ ...RECORD, value: Buffer.from('a') }, signal)
  assert.equal(meter.duplicates, 0)
})

test('without a window duplicates are not looked for', () => {
  const { process, meter } = setUp(acknowledge, { window: 0 })
  process('a,a')
  assert.equal(meter.duplicates, 0)
})
