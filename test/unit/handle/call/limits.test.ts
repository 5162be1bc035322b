import assert from 'node:assert/strict'
import test from 'node:test'
import type { LoadedHandler } from '../../../../src/handle/load/loaded-handler.ts'
import { until } from '../../../support/waiting.ts'
import { createPipeline, recordAt } from '../parts.ts'

/** A handler whose calls end when told, limited as `loaded` says. */
function limited(loaded: Partial<LoadedHandler>) {
  const calls: Array<PromiseWithResolvers<void> & { readonly offset: number }> = []
  const second = Promise.withResolvers<void>()
  const it = createPipeline(
    [
      {
        name: 'one',
        handle({ record: { offset } }) {
          const call = { ...Promise.withResolvers<void>(), offset }
          calls.push(call)
          if (calls.length === 2) second.resolve()
          return call.promise
        },
      },
    ],
    { loaded, window: 0 },
  )
  const abort = new AbortController()
  return {
    ...it,
    abort,
    calls,
    /** Resolves when a second call begins. */
    second: second.promise,
    begin: (count: number) =>
      Array.from({ length: count }, (_, offset) =>
        it.pipeline.process(recordAt(offset), abort.signal),
      ),
    offsets: () => calls.map(({ offset }) => offset),
    end(index: number) {
      calls[index]?.resolve()
    },
  }
}

test('as many calls of a handler run at once as its concurrency allows; the others in their order', async () => {
  const { begin, offsets, end, pipeline, meters } = limited({ concurrency: 2 })
  const { one } = Object.fromEntries(meters.handlers)
  const load = () => [one?.inFlight, one?.waiting]
  const outcomes = begin(5)
  assert.deepEqual(
    [offsets(), load()],
    [
      [0, 1],
      [2, 3],
    ],
  )
  assert.equal(pipeline.stuckAfter, Number.POSITIVE_INFINITY, 'a call that waits does not hang')
  end(1)
  await outcomes[1]
  assert.deepEqual(
    [offsets(), load()],
    [
      [0, 1, 2],
      [2, 2],
    ],
  )
  for (const index of [0, 2, 3, 4]) {
    end(index)
    await outcomes[index]
  }
  assert.deepEqual(offsets(), [0, 1, 2, 3, 4])
  const kinds = (await Promise.all(outcomes)).map(({ kind }) => kind)
  assert.deepEqual(kinds, ['ok', 'ok', 'ok', 'ok', 'ok'])
  assert.deepEqual(load(), [0, 0])
  assert.equal(pipeline.stuckAfter, 35_000)
})

test('a handler with a rate begins a call when it has a token', async (t) => {
  // Stands still, so that no pause of the machine brings the next token before it is looked for.
  const at = performance.now()
  const clock = t.mock.method(performance, 'now', () => at)
  const { begin, offsets, end } = limited({ maxRecordsPerSecond: 20 })
  const outcomes = begin(4)
  assert.deepEqual(offsets(), [0, 1], 'a tenth of a second at once')
  clock.mock.restore()
  for (const [index, outcome] of outcomes.entries()) {
    end(index)
    if (index < 2) await outcome
  }
  await until(() => offsets().length === 4, 'the next tokens')
  end(2)
  end(3)
  await Promise.all(outcomes)
  assert.deepEqual(offsets(), [0, 1, 2, 3])
})

test('a call that waits when its partition moves never begins, and keeps no place', async () => {
  const { begin, offsets, end, abort, process, meters } = limited({ concurrency: 1 })
  const [first, second] = begin(2)
  abort.abort()
  const outcome = await second
  assert.equal(meters.handler('one').waiting, 0)
  assert.equal(outcome?.kind === 'retry' && outcome.error.code, 'OCC_HANDLER_ABORTED')
  end(0)
  await first
  assert.deepEqual(offsets(), [0])
  const next = process(7)
  assert.deepEqual(offsets(), [0, 7])
  end(1)
  assert.equal((await next).kind, 'ok')
})

test('a call that hangs gives its place to the next', async () => {
  const { begin, second, end, meters } = limited({ concurrency: 1, timeout: 5 })
  const outcomes = begin(2)
  // Awaited, not looked for: a moment later the second one hangs, too.
  await second
  assert.equal(meters.handler('one').hanging, 1)
  end(1)
  assert.equal((await outcomes[1])?.kind, 'ok')
  end(0)
  await outcomes[0]
})

test('a handler without a limit answers in the same turn, and so does one with a free place', () => {
  for (const loaded of [{}, { concurrency: 1 }]) {
    const it = createPipeline([{ name: 'one', handle() {} }], { loaded })
    const outcomes = [it.process(1), it.process(2)]
    assert.deepEqual(
      outcomes.map((outcome) => 'kind' in outcome && outcome.kind),
      ['ok', 'ok'],
    )
  }
})
