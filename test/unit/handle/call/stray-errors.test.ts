import assert from 'node:assert/strict'
import test from 'node:test'
import type { Handler, SingleHandler } from '../../../../src/handle/api/types.ts'
import { CallContext } from '../../../../src/handle/call/context.ts'
import { origins } from '../../../../src/handle/call/origins.ts'
import { createStrayErrors } from '../../../../src/handle/call/stray-errors.ts'
import { createHandlerSet } from '../../../../src/handle/load/handler-set.ts'
import type { LoadedHandler } from '../../../../src/handle/load/loaded-handler.ts'
import { Pipeline } from '../../../../src/handle/pipeline.ts'
import { type LogFields, silentLog } from '../../../../src/kernel/log.ts'
import { createMeters } from '../../../../src/observe/meters/meters.ts'
import { decoder, recordAt, TOPIC } from '../parts.ts'

/** A pipeline over handlers, and the uncaught errors it is told of. */
function create(handlers: readonly Handler[], over: Partial<LoadedHandler> = {}) {
  const meters = createMeters()
  const lines: LogFields[] = []
  const log = { ...silentLog, error: (fields: LogFields) => void lines.push(fields) }
  const loaded = handlers.map((definition) => ({
    ...{ name: definition.name, definition, topics: ['*'], timeout: 30_000, filter: null },
    ...{ options: {}, log: silentLog, meter: meters.handler(definition.name) },
    emit: async () => {},
    ...over,
  }))
  const set = createHandlerSet(loaded, [TOPIC])
  const parts = {
    group: 'g',
    decoder,
    handlersOf: set.of,
    filter: null,
    openWindow: () => null,
    writer: null,
  }
  const pipeline = new Pipeline(
    { ...parts, topicMeter: meters.topic, onHandled: null },
    { topic: TOPIC, partition: 3 },
  )
  const { signal } = new AbortController()
  const process = async (offset: number) => pipeline.process(recordAt(offset), signal)
  return { set, process, lines, meters, ...createStrayErrors(set.invokers, log) }
}

const never = () => new Promise<never>(() => {})
const handlerOf = (handle: SingleHandler['handle'], name = 'one'): Handler => ({ name, handle })

test('the answer of a call after its stray error counts; the log names its handler', async () => {
  const { promise: told, resolve } = Promise.withResolvers<void>()
  const it = create([
    handlerOf(() => {
      setImmediate(() => {
        assert.equal(it.stray('rejection', new Error('no audit')), true)
        resolve()
      })
      return told
    }),
  ])
  assert.equal((await it.process(7)).kind, 'ok')
  const [line] = it.lines
  assert.deepEqual(
    [line?.event, line?.['handler'], line?.['partition'], line?.['offset'], line?.['kind']],
    ['handler.stray-error', 'one', 3, 7, 'rejection'],
  )
  assert.deepEqual(it.meters.handler('one').strays, { rejection: 1, exception: 0 })
})

test('a call whose answer is lost with its stray error fails, and its signal aborts', async () => {
  const aborted = Promise.withResolvers<unknown>()
  const it = create([
    handlerOf((_, { signal }) => {
      signal.addEventListener('abort', () => aborted.resolve(signal.reason))
      setImmediate(() => it.stray('exception', new Error('lost in a callback')))
      return never()
    }),
  ])
  const outcome = await it.process(1)
  assert.ok(outcome.kind === 'retry')
  assert.deepEqual([outcome.error.code, outcome.handler], ['OCC_HANDLER_STRAY', 'one'])
  assert.match(outcome.error.message, /lost in a callback/)
  assert.equal(await aborted.promise, outcome.error)
  assert.deepEqual(it.inFlight(), [], 'it is no longer in flight')
})

test('an error outside any call makes the calls in flight suspects: those that would hang fail', async () => {
  const broken = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<void>()
  const handler: Handler = {
    name: 'one',
    // One connection for all calls.
    open: () => void broken.promise.then(() => it.stray('exception', new Error('ECONNRESET'))),
    handle: ({ record }) => (record.offset === 2 ? answer.promise : never()),
  }
  const it = create([handler], { timeout: 250 })
  await it.set.open()
  const all = [it.process(1), it.process(2)]
  await new Promise<void>((resolve) => setImmediate(resolve))
  assert.deepEqual(it.inFlight(), [`${TOPIC}/3@1`, `${TOPIC}/3@2`])
  broken.resolve()
  await broken.promise
  answer.resolve()
  const [lost, answered] = await Promise.all(all)
  assert.equal(answered?.kind, 'ok')
  assert.ok(lost?.kind === 'retry')
  assert.equal(lost.error.code, 'OCC_HANDLER_STRAY')
  assert.equal(it.meters.handler('one').hanging, 0)
  const [line] = it.lines
  assert.deepEqual(line?.['inFlight'], [`${TOPIC}/3@1`, `${TOPIC}/3@2`])
})

test('errors of no handler are not logged here; without an origin the file in the stack decides', () => {
  const it = create([handlerOf(() => {}, 'one')], { file: '/handlers/whale.ts' })
  const from = (stack: string) => Object.assign(new Error('x'), { stack: `Error: x\n${stack}` })
  assert.equal(it.stray('exception', new Error('of the service')), false)
  assert.equal(it.stray('exception', from('at Socket.<anonymous> (node:net:1:2)')), false)
  assert.equal(it.lines.length, 0)
  const inHandler = 'at tick (file:///handlers/whale.ts:3:7)'
  assert.equal(it.stray('exception', from(inHandler)), true)
  const service = new URL('../../../../src/flow/pump.ts', import.meta.url)
  assert.equal(it.stray('exception', from(`${inHandler}\nat turn (${service}:1:1)`)), false)
})

for (const file of ['/handlers/both.ts', undefined]) {
  test(`of two handlers ${file === undefined ? 'without a file' : 'of one module'} the one that threw is blamed`, async () => {
    const it = create(
      [
        handlerOf(() => {}, 'one'),
        handlerOf(() => void it.stray('exception', new Error('x')), 'two'),
      ],
      { file },
    )
    await it.process(1)
    assert.deepEqual(it.meters.handler('one').strays, { rejection: 0, exception: 0 })
    assert.deepEqual(it.meters.handler('two').strays, { rejection: 0, exception: 1 })
    assert.equal(it.lines[0]?.['handler'], 'two')
  })
}

test('a handler of another group is not blamed on one with the same file', async () => {
  const file = '/handlers/both.ts'
  const shared = create([handlerOf(() => {}, 'shared')], { file })
  const answers: boolean[] = []
  const own = create(
    [handlerOf(() => void answers.push(shared.stray('exception', new Error('x'))), 'own')],
    { file },
  )
  await own.process(1)
  assert.deepEqual(answers, [false])
  assert.equal(shared.meters.handler('shared').strays.exception, 0)
})

test('errors of listeners belong to their handler, errors of the service on its behalf do not', async () => {
  const seen: string[] = []
  const see = (what: string) => {
    const origin = origins.getStore()
    seen.push(`${what}: ${origin instanceof CallContext ? origin.record.offset : origin}`)
  }
  const handler = handlerOf(async (_, { emit, signal }) => {
    await emit('alerts', 1)
    see('after the emit')
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        see('its listener')
        resolve()
      })
    })
  })
  const it = create([handler], { timeout: 5, emit: async () => see('the emit') })
  await it.process(4)
  assert.deepEqual(seen, ['the emit: undefined', 'after the emit: 4', 'its listener: 4'])
})

test('with a stray error for every record, all are counted and few are logged', async () => {
  const it = create([handlerOf(() => void it.stray('rejection', new Error('again')))])
  for (let offset = 0; offset < 500; offset++) await it.process(offset)
  assert.equal(it.meters.handler('one').strays.rejection, 500)
  assert.equal(it.lines.length, 30)
})
