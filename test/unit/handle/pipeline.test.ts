import assert from 'node:assert/strict'
import test from 'node:test'
import type { Message } from '../../../src/decode/types.ts'
import type {
  BatchHandler,
  Handler,
  HandlerContext,
  SingleHandler,
} from '../../../src/handle/api/types.ts'
import { GROUP_HEADER, HANDLER_HEADER } from '../../../src/kernel/dead-letter.ts'
import { CodedError, type OccError } from '../../../src/kernel/errors.ts'
import { OK, type Outcome, PASSED_BY, retry, undecodable } from '../../../src/kernel/outcome.ts'
import { createPipeline, recordAt } from './parts.ts'

const handlerOf = (handle: SingleHandler['handle'], name = 'one'): Handler => ({ name, handle })

/** A handler that is not TypeScript, so it may answer anything. */
const untyped = (answer: () => unknown) => handlerOf(answer as SingleHandler['handle'])

function errorOf(outcome: Outcome, kind: 'dead' | 'retry' = 'dead'): OccError {
  assert.equal(outcome.kind, kind)
  assert.ok(outcome.kind === 'dead' || outcome.kind === 'retry')
  return outcome.error
}

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

test('without handlers a record is ok once it is decoded, and its events are not searched', () => {
  const it = createPipeline([], { window: 0 })
  assert.equal(it.process(1, 'a'), OK)
  assert.equal(it.meter.events, 0)
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

test('with several handlers, another attempt calls only those that are not done', async () => {
  const calls: string[] = []
  let isDown = true
  const steady = handlerOf((_, { attempt }) => void calls.push(`steady ${attempt}`), 'steady')
  const shaky = handlerOf((_, { attempt }) => {
    calls.push(`shaky ${attempt}`)
    if (isDown) throw new Error('away')
  }, 'shaky')
  const it = createPipeline([steady, shaky])
  const first = it.process(1) as Outcome
  assert.deepEqual(
    [first.kind, first.kind === 'retry' && first.handler, first.kind === 'retry' && first.handlers],
    ['retry', 'shaky', ['steady']],
  )
  it.process(1)
  isDown = false
  assert.deepEqual(it.process(1), { kind: 'ok', handlers: ['shaky'] })
  assert.deepEqual(calls, ['steady 1', 'shaky 1', 'shaky 2', 'shaky 3'])
})

test('a record of a recreated topic goes to all handlers, whatever is known of its offset', () => {
  const calls: string[] = []
  const steady = handlerOf(({ document }) => void calls.push(String(document)), 'steady')
  const it = createPipeline([steady, handlerOf((_, { retry }) => retry(), 'shaky')])
  it.pipeline.process({ ...recordAt(1, 'old'), timestamp: 1 }, it.signal)
  it.pipeline.process({ ...recordAt(1, 'new'), timestamp: 2 }, it.signal)
  assert.deepEqual(calls, ['old', 'new'])
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

test('a dead letter is for the handlers that gave up, even while another is still tried', () => {
  const fails = (name: string, error: Error) =>
    handlerOf(() => {
      throw error
    }, name)
  const gives = (name: string) => handlerOf((_, context) => context.dead('no'), name)
  const two = createPipeline([gives('a'), gives('b'), handlerOf(() => {}, 'c')])
  const outcome = two.process(1) as Outcome
  assert.ok(outcome.kind === 'dead')
  assert.deepEqual([outcome.handler, outcome.handlers], ['a,b', ['c']])
  const mixed = createPipeline([gives('a'), fails('b', new Error('away'))])
  const retried = mixed.process(1) as Outcome
  assert.ok(retried.kind === 'retry')
  assert.deepEqual([retried.handler, retried.deadFor], ['b', 'a,b'])
})

test('if several handlers fail, the outcome has all their names, the longest pause and the mildest fault', () => {
  const fails = (name: string, error: Error) =>
    handlerOf(() => {
      throw error
    }, name)
  const bug = new TypeError('bug')
  const limit = (seconds: number) =>
    Object.assign(new Error('slower'), { status: 429, headers: { 'retry-after': `${seconds}` } })
  for (const [errors, fault, after] of [
    [[bug, bug], 'record', null],
    [[bug, new Error('away')], 'world', null],
    [[bug, limit(3), limit(5), new Error('away')], 'limit', 5_000],
  ] as const) {
    const handlers = errors.map((error, index) => fails(`h${index}`, error))
    const outcome = createPipeline([...handlers, handlerOf(() => {}, 'works')]).process(1)
    assert.ok(!(outcome instanceof Promise) && outcome.kind === 'retry')
    assert.deepEqual(
      outcome.failed,
      errors.map((_, index) => `h${index}`),
    )
    assert.deepEqual([outcome.fault, outcome.after], [fault, after])
    assert.deepEqual(outcome.handlers, ['works'])
  }
})

test('a record redriven for one handler goes only to that handler', async () => {
  const called: string[] = []
  const handlers = ['a', 'b', 'c'].map((name) => handlerOf(() => void called.push(name), name))
  const it = createPipeline(handlers)
  const again = (header: string) =>
    it.pipeline.process({ ...recordAt(1), headers: { [HANDLER_HEADER]: header } }, it.signal)
  assert.equal((await again('b')).kind, 'ok')
  assert.deepEqual(called, ['b'])
  assert.match(errorOf(await again('gone')).message, /"gone"/)
})

test('a handler that a redriven record names and that is not here gets a letter; the others get the record', async () => {
  const called: string[] = []
  let isDown = true
  const known = handlerOf(() => void called.push('known'), 'known')
  const shaky = handlerOf(() => {
    if (isDown) throw new Error('away')
  }, 'shaky')
  const it = createPipeline([known, shaky])
  const again = async (header: string) => {
    const outcome = await it.pipeline.process(
      { ...recordAt(1), headers: { [HANDLER_HEADER]: header } },
      it.signal,
    )
    if (outcome.kind === 'retry') return `retry, else dead for ${outcome.deadFor}`
    if (outcome.kind !== 'dead') return outcome.kind
    return `${outcome.error.code} for ${outcome.handler}, handled by ${outcome.handlers ?? 'nobody'}`
  }
  assert.equal(await again('gone'), 'OCC_HANDLER_UNKNOWN for gone, handled by nobody')
  assert.deepEqual(called, [])
  assert.equal(await again('known,gone'), 'OCC_HANDLER_UNKNOWN for gone, handled by known')
  assert.deepEqual(called, ['known'])
  assert.equal(await again('shaky,gone,away'), 'retry, else dead for shaky,gone,away')
  isDown = false
  assert.equal(
    await again('shaky,gone,away'),
    'OCC_HANDLER_UNKNOWN for gone,away, handled by shaky',
  )
  // From elsewhere: no name of a handler, so none for a letter.
  assert.equal(await again('no name'), 'OCC_HANDLER_UNKNOWN for null, handled by nobody')
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
