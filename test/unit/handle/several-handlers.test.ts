import assert from 'node:assert/strict'
import test from 'node:test'
import type { Handler, SingleHandler } from '../../../src/handle/api/types.ts'
import { HANDLER_HEADER } from '../../../src/kernel/shapes/dead-letter.ts'
import type { Outcome } from '../../../src/kernel/shapes/outcome.ts'
import { createPipeline, errorOf, recordAt } from './parts.ts'

const handlerOf = (handle: SingleHandler['handle'], name: string): Handler => ({ name, handle })

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

test('of the handlers of a record those are named that have it, and no others', async () => {
  const calls = Promise.withResolvers<void>()
  const hangs = handlerOf(() => calls.promise, 'hangs')
  const it = createPipeline([handlerOf(() => {}, 'quick'), hangs])
  const outcome = it.process(1)
  const handling = (offset: number) => it.pipeline.handling(recordAt(offset))
  assert.deepEqual([handling(1), handling(2)], [['hangs'], []])
  calls.resolve()
  await outcome
  assert.deepEqual(handling(1), [])
})
