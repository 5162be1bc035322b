import assert from 'node:assert/strict'
import test from 'node:test'
import type { Handler, SingleHandler } from '../../../src/handle/api/types.ts'
import { createRandom } from '../../support/random.ts'
import { createPipeline, type PipelineOptions, recordAt } from './parts.ts'

function handlerOf(name: string, handle: SingleHandler['handle']): Handler {
  return { name, handle }
}

/** What is counted for the topic and for a handler, without zeros. */
function counting(handlers: readonly Handler[], options: PipelineOptions = {}) {
  const it = createPipeline(handlers, options)
  const shown = (counts: ReadonlyMap<string, number>) =>
    Object.fromEntries([...counts].filter(([, count]) => count > 0))
  return {
    ...it,
    ofTopic: () => shown(it.meter.skips),
    of: (handler: string) => shown(it.meters.handler(handler).skips),
  }
}

test("a handler's own filter is a reason, counted once however often its record is attempted", () => {
  const whales: Handler = { name: 'whales', filter: ({ id }) => id === 'e2', handle() {} }
  const shaky = handlerOf('shaky', (_, { attempt, retry }) => (attempt < 3 ? retry() : undefined))
  const it = counting([whales, shaky])
  const kinds = [1, 1, 1, 2].map((offset) => Object(it.process(offset)).kind)
  assert.deepEqual(kinds, ['retry', 'retry', 'ok', 'retry'])
  assert.deepEqual([it.of('whales'), it.of('shaky'), it.ofTopic()], [{ filtered: 1 }, {}, {}])
  assert.deepEqual(it.meters.handler('whales').outcomes, {
    ok: 1,
    skip: 0,
    retry: 0,
    later: 0,
    dead: 0,
  })
})

test('the reason of a handler is counted with it; the topic counts that a handler skipped the record', () => {
  const it = counting([handlerOf('whales', (_, { skip }) => skip('too small'))])
  it.process(1)
  it.process(2)
  assert.deepEqual([it.of('whales'), it.ofTopic()], [{ 'too small': 2 }, { handler: 2 }])
})

test('a handler that gives one of our reasons is not counted as ours', () => {
  const says = (name: string, reason: string) => handlerOf(name, (_, { skip }) => skip(reason))
  const it = counting([says('a', 'filtered'), says('b', 'duplicate'), says('c', 'other')])
  it.process(1)
  assert.deepEqual(
    [it.of('a'), it.of('b'), it.of('c'), it.ofTopic()],
    [
      { 'handler: filtered': 1 },
      { 'handler: duplicate': 1 },
      { 'handler: other': 1 },
      { handler: 1 },
    ],
  )
})

test('every skipped record has one reason, every message that a handler skipped too', () => {
  const random = createRandom(7)
  const decide: SingleHandler['handle'] = (_, { skip, retry }) =>
    random.pick([() => undefined, () => skip('filtered'), () => skip(''), () => retry()])()
  const filters: Handler = { ...handlerOf('filters', decide), filter: ({ id }) => id !== 'big' }
  const it = counting([filters, handlerOf('all', decide)], { filter: ({ id }) => id !== 'none' })
  let skipped = 0
  for (let offset = 0; offset < 500; offset++) {
    const value = random.pick(['none', 'big', 'small', `${offset}`])
    for (let kind = 'retry'; kind === 'retry'; ) {
      kind = Object(it.process(offset, value)).kind
      if (kind === 'skip') skipped += 1
    }
  }
  const sum = (counts: Readonly<Record<string, number>>) =>
    Object.values(counts).reduce((total, count) => total + count, 0)
  assert.ok(skipped > 100)
  assert.equal(sum(it.ofTopic()), skipped)
})

test('records that no handler gets have a reason too, with and without handlers', () => {
  for (const handlers of [[], [handlerOf('all', () => {})]]) {
    const it = counting(handlers, { filter: ({ id }) => id !== 'small' })
    for (const [offset, value] of ['small', 'a', 'a', 'small,a'].entries())
      it.process(offset, value)
    assert.deepEqual(it.ofTopic(), { filtered: 1, duplicate: 2 })
  }
})

test('in a slice, what waits behind a record that needs another attempt is counted when it is done', async () => {
  let isDown = true
  const whales: Handler = {
    name: 'whales',
    filter: ({ id }) => id === 'big',
    batch: { size: 10, within: 1 },
    handle() {
      if (isDown) throw new Error('away')
    },
  }
  const it = counting([whales], { filter: ({ id }) => id !== 'none' })
  const records = ['small', 'big', 'none', 'small'].map((value, offset) => recordAt(offset, value))
  const kinds = async (from: number) =>
    (await it.pipeline.processSlice(records.slice(from), it.signal, true)).map((answer) =>
      answer === 'untouched' ? answer : answer.kind,
    )
  assert.deepEqual(await kinds(0), ['skip', 'retry', 'untouched', 'untouched'])
  isDown = false
  assert.deepEqual(await kinds(1), ['ok', 'skip', 'skip'])
  assert.deepEqual(
    [it.of('whales'), it.ofTopic()],
    [
      { filtered: 1, duplicate: 1 },
      { filtered: 2, duplicate: 1 },
    ],
  )
})
