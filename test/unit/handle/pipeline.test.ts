import assert from 'node:assert/strict'
import test from 'node:test'
import type { Message } from '../../../src/decode/types.ts'
import type {
  BatchHandler,
  Handler,
  HandlerContext,
  SingleHandler,
} from '../../../src/handle/api/types.ts'
import { CodedError } from '../../../src/kernel/errors.ts'
import { GROUP_HEADER } from '../../../src/kernel/shapes/dead-letter.ts'
import {
  OK,
  type Outcome,
  PASSED_BY,
  retry,
  undecodable,
} from '../../../src/kernel/shapes/outcome.ts'
import { createPipeline, errorOf, recordAt } from './parts.ts'

const handlerOf = (handle: SingleHandler['handle'], name = 'one'): Handler => ({ name, handle })

/** A handler that is not TypeScript, so it may answer anything. */
const untyped = (answer: () => unknown) => handlerOf(answer as SingleHandler['handle'])

test('the handler gets the message; a synchronous answer needs no turn of the event loop', async () => {
  const calls: Array<[Message, HandlerContext]> = []
  const it = createPipeline([handlerOf((message, context) => void calls.push([message, context]))])
  assert.deepEqual(it.process(9, 'a,b'), { kind: 'ok', handlers: ['one'] })
  const [call] = calls
  assert.ok(call)
  const [message, context] = call
  assert.deepEqual([message.document, message.record.offset, context.attempt], ['a,b', 9, 1])
  assert.deepEqual(
    message.events.map(({ id }) => id),
    ['a', 'b'],
  )
  const later = createPipeline([handlerOf(async (_, { skip }) => skip('not mine'))])
  assert.deepEqual(await later.process(1), { kind: 'skip', reason: 'not mine' })
})

test('without handlers a record is ok once it is decoded', () => {
  const it = createPipeline([], { window: 0 })
  assert.equal(it.process(1, 'a'), OK)
})

test('a record redriven for another group is passed by unread; one for this group is handled', async () => {
  const handled: string[] = []
  const undecodableHere = { decode: () => assert.fail('decoded'), formatOf: () => 'JSON' }
  const from = (group: string) => ({
    ...recordAt(1, group),
    headers: { [GROUP_HEADER]: group },
  })
  const uncalled = { ...handlerOf(() => assert.fail('called')), key: () => 'of a handler' }
  const other = createPipeline([uncalled], { decoder: undecodableHere })
  const keyed = { ...from('another-group'), key: Buffer.from('own') }
  assert.equal(other.pipeline.keyOf(keyed), 'own')
  assert.equal(other.pipeline.process(from('another-group'), other.signal), PASSED_BY)
  const slice = await other.pipeline.processSlice([from('a'), from('b')], other.signal, true)
  assert.deepEqual(slice, [PASSED_BY, PASSED_BY])
  assert.equal(other.meter.passedBy, 3)
  assert.equal(Reflect.get(Object.fromEntries(other.meter.skips), 'other-group'), 3)
  const own = createPipeline([handlerOf(() => void handled.push('own'))])
  for (const group of ['transfers-group', '']) await own.pipeline.process(from(group), own.signal)
  assert.deepEqual([handled, own.meter.passedBy], [['own', 'own'], 0])
})

test('a record that cannot be decoded is reported as such, and no handler sees it', () => {
  const error = new CodedError('OCC_JSON', 'no JSON')
  const decoder = { decode: () => ({ ok: false, error }) as const, formatOf: () => 'JSON' }
  const it = createPipeline([handlerOf(() => assert.fail('called'))], { decoder })
  assert.deepEqual(it.process(1), undecodable(error))
  assert.equal(it.meter.decodeSeconds.snapshot().count, 1)
})

test('a decoder that throws, although it must not, fails only its record', () => {
  const decoder = {
    decode() {
      throw new RangeError('bug')
    },
    formatOf: () => 'JSON',
  }
  const outcome = createPipeline([], { decoder }).process(1) as Outcome
  assert.match(errorOf(outcome, 'retry').message, /bug/)
  assert.equal(outcome.kind === 'retry' && outcome.fault, 'record')
})

test('an error of a handler is classified once, keeps its cause, and is never dead at once', async () => {
  const bug = new TypeError('x is not a function')
  const unknown = new Error('no idea')
  for (const [cause, fault] of [
    [bug, 'record'],
    [unknown, 'world'],
    ['text', 'world'],
    [undefined, 'world'],
  ] as const) {
    const throwing = createPipeline([
      handlerOf(() => {
        throw cause
      }),
    ])
    const rejecting = createPipeline([handlerOf(() => Promise.reject(cause))])
    for (const outcome of [throwing.process(1), await rejecting.process(1)]) {
      const error = errorOf(outcome as Outcome, 'retry')
      assert.ok(!(outcome instanceof Promise))
      assert.equal(outcome.kind === 'retry' && outcome.fault, fault)
      assert.equal(error.code, 'OCC_HANDLER')
      assert.equal(error.cause, cause)
      assert.match(error.message, /The handler one failed/)
    }
  }
  const coded = new CodedError('OCC_TOO_POOR', 'no funds')
  const it = createPipeline([handlerOf(() => Promise.reject(coded))])
  assert.deepEqual(await it.process(1), { ...retry(coded, 'one'), fault: 'record' })
})

test('an outcome created by the context counts, returned or not; retry has its pause', async () => {
  const forgotten = createPipeline([handlerOf((_, context) => void context.dead('poison'))])
  const outcome = forgotten.process(1) as Outcome
  assert.deepEqual(
    [errorOf(outcome).code, errorOf(outcome).message],
    ['OCC_HANDLER_DEAD', 'poison'],
  )
  const later = createPipeline([handlerOf(async (_, { retry }) => retry(1500))])
  const retried = await later.process(1)
  assert.deepEqual([retried.kind, retried.kind === 'retry' && retried.after], ['retry', 1500])
})

test('an invalid answer is an error like any other: the record is neither lost nor dead at once', async () => {
  for (const answer of [null, true, 'ok', {}, { kind: 'done' }, [OK]]) {
    for (const handler of [untyped(() => answer), untyped(async () => answer)]) {
      const outcome = await createPipeline([handler]).process(1)
      assert.equal(errorOf(outcome, 'retry').code, 'OCC_HANDLER_ANSWER')
      assert.equal(outcome.kind === 'retry' && outcome.fault, 'record')
    }
  }
  const noError = createPipeline([untyped(() => ({ kind: 'dead', error: new TypeError('plain') }))])
  assert.match(errorOf(noError.process(1) as Outcome).message, /plain/)
})

test("another library's promise is awaited", async () => {
  const thenable = {
    // biome-ignore lint/suspicious/noThenProperty: that is what such a promise is.
    then(resolve: (outcome: Outcome) => void) {
      setImmediate(resolve, { kind: 'skip', reason: 'late' })
    },
  }
  const answer = createPipeline([untyped(() => thenable)]).process(1)
  assert.ok(answer instanceof Promise)
  assert.deepEqual(await answer, { kind: 'skip', reason: 'late' })
})

test('a settled record is forgotten: the same offset starts again', () => {
  const attempts: number[] = []
  const it = createPipeline([
    handlerOf((_, { attempt, retry }) => {
      attempts.push(attempt)
      return retry()
    }),
  ])
  it.process(1)
  it.process(1)
  it.pipeline.settled(recordAt(1))
  it.process(1)
  assert.deepEqual(attempts, [1, 2, 1])
})

test('a topic gets the handlers whose patterns match', async () => {
  const called: string[] = []
  const it = createPipeline([handlerOf(() => void called.push('called'))], {
    loaded: { topics: ['tron.*', 'other'] },
  })
  assert.deepEqual(it.process(1), OK)
  assert.deepEqual(called, [])
})

test("the key is the handler's, otherwise the record's own", () => {
  const record = { ...recordAt(1, 'a,b'), key: Buffer.from('own') }
  assert.equal(createPipeline([handlerOf(() => {})]).pipeline.keyOf(record), 'own')
  const keyed = { ...handlerOf(() => {}), key: ({ events }: Message) => events[0]?.id ?? null }
  assert.equal(createPipeline([keyed]).pipeline.keyOf(record), 'a')
  const failing = { ...keyed, key: () => assert.fail('bug') }
  assert.equal(createPipeline([failing]).pipeline.keyOf(record), 'own')
})

test('two handlers of a topic cannot both say the key, unless they are of different groups', () => {
  const keyed = (name: string) => ({ ...handlerOf(() => {}), name, key: () => name })
  const both = [keyed('one'), keyed('two')]
  assert.throws(() => createPipeline(both), { code: 'OCC_HANDLER_KEY' })
  createPipeline(both, { loaded: { hasOwnGroup: true } })
})

test('decoding time is observed once, whether for the key or for the attempt', () => {
  const keyed = { ...handlerOf(() => {}), key: () => 'a' }
  for (const asks of [true, false]) {
    const it = createPipeline([keyed])
    const record = recordAt(1, 'a')
    if (asks) it.pipeline.keyOf(record)
    it.pipeline.process(record, new AbortController().signal)
    assert.equal(it.meter.decodeSeconds.snapshot().count, 1)
  }
})

test('once its partition has moved, no record of a slice or behind a copy of an event is begun', async () => {
  const abort = new AbortController()
  const calls: number[] = []
  const hand = Promise.withResolvers<void>()
  const slow = async ({ record: { offset } }: Message) => {
    calls.push(offset)
    await hand.promise
    throw new Error('too late')
  }
  const it = createPipeline([handlerOf(slow)])
  const slice = it.pipeline.processSlice([recordAt(1), recordAt(2)], abort.signal, true)
  const first = it.pipeline.process(recordAt(3, 'event'), abort.signal)
  const copy = it.pipeline.process(recordAt(4, 'event'), abort.signal)
  await new Promise((resolve) => setImmediate(resolve))
  abort.abort()
  const next = it.open().process(recordAt(1), abort.signal)
  hand.resolve()
  await Promise.all([slice, first, copy, next])
  assert.deepEqual(calls, [1, 3])
})

test('once its partition has moved, a batch is neither halved nor followed by another', async () => {
  const abort = new AbortController()
  const calls: number[] = []
  const batch: BatchHandler = {
    name: 'batch',
    batch: { size: 2, within: 0 },
    async handle(messages) {
      calls.push(messages.length)
      if (calls.length === 2) abort.abort()
      if (messages.length === 2) throw new Error('not yet')
    },
  }
  const records = [1, 2, 3, 4].map((offset) => recordAt(offset))
  const answers = await createPipeline([batch]).pipeline.processSlice(records, abort.signal, true)
  assert.deepEqual(answers, [
    { kind: 'ok', handlers: ['batch'] },
    ...Array.from({ length: 3 }, () => 'untouched'),
  ])
  assert.deepEqual(calls, [2, 1])
})
