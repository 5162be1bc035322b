import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import test from 'node:test'
import { promisify } from 'node:util'
import type { Handler, HandlerContext, SingleHandler } from '../../../../src/handle/api/types.ts'
import type { HandlerEmit } from '../../../../src/handle/load/loaded-handler.ts'
import { OccError } from '../../../../src/kernel/errors.ts'
import { type Log, silentLog } from '../../../../src/kernel/log.ts'
import type { Outcome } from '../../../../src/kernel/shapes/outcome.ts'
import { createPipeline, recordAt } from '../parts.ts'

const handlerOf = (handle: SingleHandler['handle']): Handler => ({ name: 'one', handle })

function codeOf(outcome: Outcome): string {
  return outcome.kind === 'retry' || outcome.kind === 'dead' ? outcome.error.code : outcome.kind
}

/** Resolves with the logged events, once there are this many. */
function createEvents(count: number) {
  const { promise, resolve } = Promise.withResolvers<readonly string[]>()
  const events: string[] = []
  const note = ({ event }: { event: string }) => {
    events.push(event)
    if (events.length === count) resolve(events)
  }
  const log: Log = { ...silentLog, error: note, warn: note }
  return { log, promise }
}

test('a handler that stops on its signal after the timeout is tried again', async () => {
  const handler = handlerOf(
    (_, { signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  )
  const it = createPipeline([handler], { loaded: { timeout: 5 } })
  const outcome = await it.process(1)
  assert.deepEqual([outcome.kind, codeOf(outcome)], ['retry', 'OCC_HANDLER_TIMEOUT'])
  assert.equal(it.meters.handler('one').timeouts, 1)
})

test('a handler that finishes late has still handled its message', async () => {
  const done = Promise.withResolvers<void>()
  const handler = handlerOf(async (_, { signal }) => {
    signal.addEventListener('abort', () => done.resolve())
    await done.promise
  })
  const it = createPipeline([handler], { loaded: { timeout: 5 } })
  assert.equal((await it.process(1)).kind, 'ok')
})

test('a handler that ignores its signal keeps its record, is reported once, and its end is logged', async () => {
  const hang = Promise.withResolvers<void>()
  const { log, promise } = createEvents(1)
  const it = createPipeline([handlerOf(() => hang.promise)], { loaded: { timeout: 5 }, log })
  let isAnswered = false
  const outcome = Promise.resolve(it.process(1)).then((result) => {
    isAnswered = true
    return result
  })
  assert.deepEqual(await promise, ['handler.hanging'])
  assert.equal(isAnswered, false, 'the partition waits')
  assert.equal(it.meters.handler('one').hanging, 1)
  hang.resolve()
  assert.equal((await outcome).kind, 'ok')
  assert.equal(it.meters.handler('one').hanging, 0)
})

test('while a handler hangs, the next assignment of the partition waits only for its record', async () => {
  const hang = Promise.withResolvers<void>()
  const calls: number[] = []
  const it = createPipeline([
    handlerOf(({ record }) => {
      calls.push(record.offset)
      return calls.length === 1 ? hang.promise : undefined
    }),
  ])
  const first = it.process(1)
  const again = it.open()
  const second = again.process(recordAt(1), it.signal)
  assert.equal((again.process(recordAt(2), it.signal) as Outcome).kind, 'ok')
  assert.deepEqual(calls, [1, 2])
  hang.resolve()
  assert.deepEqual([(await first).kind, (await second).kind], ['ok', 'skip'], 'handled meanwhile')
  assert.deepEqual(calls, [1, 2])
})

test('the signal aborts when the partition is revoked, even if it is first read later', async () => {
  const assignment = new AbortController()
  const asked = Promise.withResolvers<void>()
  const handler = handlerOf(async (_, context) => {
    await asked.promise
    assert.equal(context.signal.aborted, true)
    throw context.signal.reason
  })
  const it = createPipeline([handler])
  const outcome = it.pipeline.process(recordAt(1), assignment.signal)
  assignment.abort()
  asked.resolve()
  assert.equal(codeOf(await outcome), 'OCC_HANDLER_ABORTED')
})

test('an emit that the handler does not await is acknowledged before its message counts as handled', async () => {
  const acknowledge = Promise.withResolvers<void>()
  const handler = handlerOf((_, { emit }) => void emit('alerts', 'x'))
  const it = createPipeline([handler], { emit: () => acknowledge.promise })
  let isHandled = false
  const outcome = Promise.resolve(it.process(1)).then((result) => {
    isHandled = true
    return result
  })
  await new Promise(setImmediate)
  assert.equal(isHandled, false)
  acknowledge.resolve()
  assert.equal((await outcome).kind, 'ok')
})

test('a call that times out while it waits for a sink is no evidence against its message', async () => {
  const faultOf = async (emits: boolean) => {
    const aborted = Promise.withResolvers<void>()
    const waiting = handlerOf(async (_, { emit, signal }) => {
      signal.addEventListener('abort', () => aborted.resolve())
      if (emits) await emit('alerts', 'x')
      else await aborted.promise
      signal.throwIfAborted()
    })
    const options = { loaded: { timeout: 5 }, emit: () => aborted.promise }
    const outcome = await createPipeline([waiting], options).process(1)
    return [codeOf(outcome), Reflect.get(outcome, 'fault')]
  }
  assert.deepEqual(await faultOf(true), ['OCC_HANDLER_TIMEOUT', 'limit'])
  assert.deepEqual(await faultOf(false), ['OCC_HANDLER_TIMEOUT', 'world'])
})

test('a failed emit fails the message, unless the handler catches it', async () => {
  const error = new OccError('OCC_EMIT', 'sink away', { retriable: true })
  const emit: HandlerEmit = () => Promise.reject(error)
  const outcomeOf = async (handle: SingleHandler['handle']) =>
    codeOf(await createPipeline([handlerOf(handle)], { emit }).process(1))
  const swallow = (context: HandlerContext) => context.emit('alerts', 'x').catch(() => {})
  assert.equal(await outcomeOf((_, context) => void context.emit('alerts', 'x')), 'OCC_EMIT')
  assert.equal(await outcomeOf(async (_, context) => context.emit('alerts', 'x')), 'OCC_EMIT')
  assert.equal(await outcomeOf(async (_, context) => swallow(context)), 'ok')
  assert.equal(await outcomeOf((_, context) => void swallow(context)), 'ok')
})

test('an emit has an idempotency key: its own, or one made from its origin', async () => {
  const sent: unknown[] = []
  const handler = handlerOf(async (_, { emit }) => {
    await emit('alerts', 1, { id: 'mine', key: 'k' })
    await emit('alerts', 2)
  })
  await createPipeline([handler], {
    emit: async (source, sink, value, key) => void sent.push([source.id, sink, value, key]),
  }).process(7)
  assert.deepEqual(sent, [
    ['mine', 'alerts', 1, 'k'],
    ['transfers/3/7/one/2', 'alerts', 2, null],
  ])
})

test('a call that is over can no longer emit: its message may belong to another process', async () => {
  const kept: HandlerContext[] = []
  const it = createPipeline([handlerOf((_, context) => void kept.push(context))])
  it.process(1)
  const [context] = kept
  assert.ok(context)
  await assert.rejects(context.emit('alerts', 'x'), /after its call was over/)
})

/** Emits when its call has ended, and awaits nothing; then what nobody caught, and whose it was. */
const LATE = `
  const { createPipeline } = await import(${JSON.stringify(new URL('../parts.ts', import.meta.url))})
  const { origins } = await import(${JSON.stringify(new URL('../../../../src/handle/call/origins.ts', import.meta.url))})
  process.on('unhandledRejection', ({ code }) => {
    const { handler, record } = origins.getStore()
    console.log(code, handler.name, record.offset)
  })
  const handle = (_, { emit }) => void setImmediate(() => void emit('alerts', 'x'))
  console.log((await createPipeline([{ name: 'one', handle }]).process(7)).kind)
`

test('what is emitted too late, and awaited by nobody, is not lost in silence', async () => {
  const args = ['--no-warnings', '--input-type=module', '--eval', LATE]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  assert.equal(stdout, 'ok\nOCC_EMIT_TOO_LATE one 7\n')
})

test('a call ends whatever its handler throws or returns, and gives its place to the next', async () => {
  const bare = Object.create(null)
  const unreadable = Object.defineProperty(new Error('x'), 'name', {
    get() {
      throw new Error('not yours')
    },
  })
  const ways: ReadonlyArray<readonly [SingleHandler['handle'], RegExp]> = [
    [() => Promise.reject(bare), /failed: what was thrown cannot be read/],
    [
      () => {
        throw bare
      },
      /failed: what was thrown cannot be read/,
    ],
    [() => Promise.reject(unreadable), /failed: what was thrown cannot be read \(not yours\)/],
    // Promise.prototype.then does not work for it.
    [() => new Proxy(Promise.resolve(), {}), /failed: TypeError: .*incompatible receiver/],
  ]
  for (const [handle, text] of ways) {
    const it = createPipeline([handlerOf(handle)], { loaded: { concurrency: 1 } })
    const outcomes = [await it.process(1), await it.process(2)]
    for (const outcome of outcomes) {
      assert.deepEqual([outcome.kind, codeOf(outcome)], ['retry', 'OCC_HANDLER'])
      assert.match(outcome.kind === 'retry' ? outcome.error.message : '', text)
    }
    assert.equal(it.meters.handler('one').inFlight, 0)
  }
})
