import assert from 'node:assert/strict'
import test from 'node:test'
import type { Decoder, Message } from '../../../src/decode/types.ts'
import type { Handler } from '../../../src/handle/api/types.ts'
import { createPipeline, decoder, eventOf, recordAt } from './parts.ts'

/** Records the ids of the events it gets; `failing` decides which offsets fail. */
function createWatcher(failing: (offset: number) => boolean = () => false) {
  const got: string[] = []
  const handler: Handler = {
    name: 'watcher',
    handle({ events, record }) {
      if (failing(record.offset)) throw new Error('away')
      got.push(events.map(({ id }) => id).join())
    },
  }
  return { got, handler }
}

test('handled events are left out, also within one message; a message without others is skipped', () => {
  const { got, handler } = createWatcher()
  const it = createPipeline([handler])
  it.process(1, 'a,b')
  it.process(2, 'b,c,c')
  assert.deepEqual(it.process(3, 'a,c'), { kind: 'skip', reason: 'duplicate' })
  assert.deepEqual(got, ['a,b', 'c'])
  assert.deepEqual([it.meter.events, it.meter.duplicates], [7, 4])
})

test('where superseded blocks are looked for, the same event in another block is no repeat', () => {
  for (const perBlock of [true, false]) {
    const { got, handler } = createWatcher()
    const inBlock: Decoder = {
      ...decoder,
      decode(record) {
        const [id = '', hash = ''] = String(record.value).split('@')
        const events = [eventOf(id, { block: { number: 1n, hash, parent: '' } })]
        const message = { record, encoding: 'plain', bytes: 1, document: id, events }
        return { ok: true, message }
      },
    }
    const it = createPipeline([handler], { decoder: inBlock, perBlock: () => perBlock })
    for (const [offset, value] of ['a@1', 'a@1', 'a@2', 'b@2', 'a@2'].entries()) {
      it.process(offset, value)
    }
    assert.deepEqual(got, perBlock ? ['a', 'a', 'b'] : ['a', 'b'])
  }
})

test('an event is remembered only once its message is handled', () => {
  const { got, handler } = createWatcher((offset) => offset === 1)
  const it = createPipeline([handler])
  assert.equal((it.process(1, 'a') as { kind: string }).kind, 'retry')
  it.process(2, 'a')
  assert.deepEqual(got, ['a'])
  assert.deepEqual(it.process(1, 'a'), { kind: 'skip', reason: 'duplicate' }, 'handled meanwhile')
  assert.deepEqual([it.meter.events, it.meter.duplicates], [2, 1], 'each copy is counted once')
})

test('with several handlers an event is remembered once all are done with it', () => {
  const { got, handler } = createWatcher()
  let isDown = true
  const shaky: Handler = {
    name: 'shaky',
    handle() {
      if (isDown) throw new Error('away')
    },
  }
  const it = createPipeline([handler, shaky])
  it.process(1, 'a')
  isDown = false
  it.process(1, 'a')
  assert.deepEqual(it.process(2, 'a'), { kind: 'skip', reason: 'duplicate' })
  assert.deepEqual(got, ['a'])
})

test("a handler's own id is remembered too if another handler needs a second attempt", () => {
  const { got, handler } = createWatcher()
  let isDown = true
  const shaky: Handler = {
    name: 'shaky',
    handle() {
      if (isDown) throw new Error('away')
    },
  }
  const it = createPipeline([{ ...handler, id: () => 'own' }, shaky])
  it.process(1, 'a')
  isDown = false
  it.process(1, 'a')
  it.process(2, 'b')
  assert.deepEqual(got, ['a'])
})

test('while an event is in flight, the same event in another record waits for its outcome', async () => {
  for (const [answer, expected] of [
    [undefined, ['1:a']],
    [new Error('away'), ['1:a', '2:a']],
  ] as const) {
    const got: string[] = []
    const first = Promise.withResolvers<void>()
    const handler: Handler = {
      name: 'slow',
      handle({ events, record }) {
        got.push(`${record.offset}:${events.map(({ id }) => id)}`)
        return record.offset === 1 ? first.promise : undefined
      },
    }
    const it = createPipeline([handler])
    const one = it.process(1, 'a')
    const two = it.process(2, 'a')
    const other = it.process(3, 'b')
    assert.ok(!(other instanceof Promise), 'an event that is not in flight waits for nothing')
    assert.deepEqual(got, ['1:a', '3:b'])
    if (answer === undefined) first.resolve()
    else first.reject(answer)
    const kinds = [(await one).kind, (await two).kind]
    assert.deepEqual(kinds, answer === undefined ? ['ok', 'skip'] : ['retry', 'ok'])
    assert.deepEqual(
      got.filter((each) => !each.startsWith('3')),
      expected,
    )
  }
})

test("a handler's own id replaces those of the events, for that handler only", () => {
  const { got, handler } = createWatcher()
  const own: Handler = {
    name: 'own',
    id: ({ document }: Message) => String(document).charAt(0),
    handle: ({ document }) => void got.push(`own ${document}`),
  }
  const it = createPipeline([handler, own])
  it.process(1, 'a1')
  it.process(2, 'a2')
  it.process(3, 'b1')
  assert.deepEqual(got, ['a1', 'own a1', 'a2', 'b1', 'own b1'])
})

test('a partition that returns continues with what it remembered', () => {
  const { got, handler } = createWatcher()
  const it = createPipeline([handler])
  it.process(1, 'a')
  const outcome = it.open().process(recordAt(1, 'a'), it.signal)
  assert.deepEqual(outcome, { kind: 'skip', reason: 'duplicate' })
  assert.deepEqual(got, ['a'])
})

test('without a window nothing is left out', () => {
  const { got, handler } = createWatcher()
  const it = createPipeline([handler], { window: 0 })
  it.process(1, 'a,a')
  it.process(2, 'a')
  assert.deepEqual(got, ['a,a', 'a'])
  assert.equal(it.meter.duplicates, 0)
})

test('without handlers, with a window, duplicates are counted and skipped', () => {
  const it = createPipeline([])
  it.process(1, 'a,b')
  it.process(2, 'b,c')
  assert.deepEqual(it.process(3, 'c'), { kind: 'skip', reason: 'duplicate' })
  assert.deepEqual([it.meter.events, it.meter.duplicates], [5, 2])
})
