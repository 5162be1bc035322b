import assert from 'node:assert/strict'
import test from 'node:test'
import type { SingleHandler } from '../../../src/handle/api/types.ts'
import { Tap, type Tapped, type TapWish } from '../../../src/handle/tap.ts'
import { createPipeline } from './parts.ts'

const whale: SingleHandler = { name: 'whale', handle() {} }

/** What a viewer is shown: offsets and events. */
function look(tap: Tap, wish: Partial<TapWish> = {}) {
  const shown: string[] = []
  const leave = tap.join({ filter: null, ...wish }, ({ message, events, handlers }: Tapped) => {
    const ids = events.map(({ id }) => id).join('+')
    shown.push(`${message.record.offset} ${ids} ${handlers.join('+')}`)
  })
  return { shown, leave }
}

test('while nobody looks, a record costs one question and is not looked at', async () => {
  let asked = 0
  const tap = {
    get isOpen() {
      asked += 1
      return false
    },
    take: () => assert.fail('nobody looks'),
  }
  const { process } = createPipeline([whale], { tap })
  for (let offset = 0; offset < 1_000; offset++) await process(offset)
  assert.equal(asked, 1_000)
})

test('a viewer gets one record a second, and those in between are not looked at', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const tap = new Tap()
  const { process } = createPipeline([whale], { tap })
  assert.equal(tap.isOpen, false)
  const { shown, leave } = look(tap)
  await process(0)
  assert.equal(tap.isOpen, false)
  await process(1)
  t.mock.timers.tick(999)
  await process(2)
  t.mock.timers.tick(1)
  await process(3)
  assert.deepEqual(shown, ['0 e0 whale', '3 e3 whale'])
  t.mock.timers.tick(1_000)
  assert.equal(tap.isOpen, true)
  leave()
  assert.equal(tap.isOpen, false)
  await process(4)
  assert.equal(shown.length, 2)
})

test('a viewer that has left while it paused is not waited for', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const tap = new Tap()
  const { process } = createPipeline([whale], { tap })
  const { leave } = look(tap)
  await process(0)
  leave()
  t.mock.timers.tick(10_000)
  assert.equal(tap.isOpen, false)
})

test('only what passes: topic, handler, and an event of the message', async () => {
  const tap = new Tap()
  const { process } = createPipeline([whale], { tap })
  const filtered = look(tap, { filter: ({ id }) => id === 'big' })
  const [here, elsewhere] = [look(tap, { topic: 'transfers' }), look(tap, { topic: 'other' })]
  const [own, others] = [look(tap, { handler: 'whale' }), look(tap, { handler: 'minnow' })]
  await process(0, 'small,tiny')
  await process(1, 'small2,big')
  assert.deepEqual(
    [filtered, here, elsewhere, own, others].map(({ shown }) => shown.join()),
    ['1 big whale', '0 small+tiny whale', '', '0 small+tiny whale', ''],
  )
})

test('what no handler is called with is not shown: duplicates, and what is filtered', async () => {
  const tap = new Tap(0)
  const { process } = createPipeline([whale], { tap, filter: ({ id }) => id !== 'dust' })
  await process(0, 'a')
  const { shown } = look(tap)
  await process(1, 'a')
  await process(2, 'dust')
  await process(3, 'b')
  assert.deepEqual(shown, ['3 b whale'])
})

test('an attempt that is made again is not shown again', async () => {
  const tap = new Tap()
  const failing: SingleHandler = { name: 'failing', handle: (_, context) => context.retry() }
  const { process } = createPipeline([failing], { tap, window: 0 })
  await process(0)
  const { shown } = look(tap)
  await process(0)
  assert.deepEqual(shown, [])
})

test('without handlers, records are shown as they are', async () => {
  const tap = new Tap()
  const { process } = createPipeline([], { tap })
  const { shown } = look(tap)
  await process(7)
  assert.deepEqual(shown, ['7 e7 '])
})

test('whatever goes wrong for a viewer, the handlers get the record and the viewer is gone', async () => {
  const tap = new Tap()
  const handled: number[] = []
  const handler: SingleHandler = {
    name: 'whale',
    handle: ({ record }) => void handled.push(record.offset),
  }
  const { process } = createPipeline([handler], { tap })
  tap.join({ filter: null }, () => {
    throw new Error('the connection is gone')
  })
  assert.equal((await process(0)).kind, 'ok')
  assert.deepEqual([handled, tap.isOpen], [[0], false])
})

test('a record that cannot be shown is passed over: the viewer gets the next one', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const tap = new Tap()
  const shown: number[] = []
  const leave = tap.join({ filter: null }, ({ message: { record } }) => {
    if (record.offset === 0) throw new Error('it has no JSON')
    shown.push(record.offset)
  })
  const { process } = createPipeline([{ name: 'whale', handle() {} }], { tap })
  await process(0)
  await process(1)
  t.mock.timers.tick(1_000)
  await process(2)
  assert.deepEqual(shown, [2])
  leave()
  t.mock.timers.tick(1_000)
  assert.equal(tap.isOpen, false)
})
