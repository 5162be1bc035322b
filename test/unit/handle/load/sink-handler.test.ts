import assert from 'node:assert/strict'
import test from 'node:test'
import type { Message } from '../../../../src/decode/types.ts'
import type { EmitOptions, HandlerContext } from '../../../../src/handle/api/types.ts'
import { createSinkHandler } from '../../../../src/handle/load/sink-handler.ts'
import { OccError } from '../../../../src/kernel/errors.ts'

const EVENT = {
  id: 'sig:1',
  chain: 'solana',
  kind: 'transfer',
  time: 1_000,
  from: 'A',
  to: 'B',
  addresses: ['A', 'B'],
  asset: null,
  amount: 2n ** 64n,
  success: true,
} as const

function message(offset: number, events: Message['events'] = [EVENT]): Message {
  const value = Buffer.from('{}')
  const place = { topic: 't', partition: 2, offset, timestamp: 5, headers: undefined }
  const record = { ...place, key: Buffer.from('k'), value }
  return { record, encoding: 'plain', bytes: 2, document: { a: 1 }, events }
}

type Emitted = [value: unknown, options: EmitOptions | undefined]

/** Calls the handler, whose sink fails with these errors by offset. */
async function run(
  options: { each?: 'event' | 'message'; asList?: boolean },
  messages: readonly Message[],
  errors: Readonly<Record<number, Error>> = {},
) {
  const emitted: Emitted[] = []
  const handler = createSinkHandler({
    ...{ name: 'store', sink: 'db', each: 'event', size: 500, asList: false },
    ...options,
  })
  const emit = async (sink: string, value: unknown, given?: EmitOptions) => {
    assert.equal(sink, 'db')
    const { message, ...rest } = given ?? {}
    assert.ok(message !== undefined && messages.includes(message))
    emitted.push([value, rest])
    const offset: unknown = Reflect.get(Object([value].flat()[0]), 'offset')
    const error = errors[Number(offset)]
    if (error !== undefined) throw error
  }
  const answers = await handler.handle(messages, { emit } as unknown as HandlerContext)
  return {
    emitted,
    kinds: [answers].flat().map((each) => each && [each.kind, Reflect.get(each, 'fault')]),
  }
}

const ROW = new OccError('OCC_EMIT_ROW', 'bad row')
const DOWN = new OccError('OCC_EMIT', 'down', { retriable: true })

test('each event is a value with its place and its id; a list if the sink takes lists', async () => {
  const place = { topic: 't', partition: 2, offset: 7, timestamp: 5 }
  const single = await run({}, [message(7), message(8, [])])
  assert.deepEqual(single.emitted, [
    [
      { ...EVENT, ...place },
      { key: 'k', id: 'solana/sig:1' },
    ],
  ])
  const list = await run({ asList: true }, [message(7, [EVENT, EVENT]), message(8, [])])
  const value = { ...EVENT, ...place }
  assert.deepEqual(list.emitted, [[[value, value], { key: 'k' }]])
})

test('a message without events is skipped: the sink was not called, so it is no evidence that it works', async () => {
  for (const asList of [false, true]) {
    const { kinds } = await run({ asList }, [message(7, []), message(8)])
    assert.deepEqual(kinds, [['skip', undefined], undefined])
  }
})

test('or each message, with its document', async () => {
  const { emitted } = await run({ each: 'message' }, [message(7)])
  const place = { topic: 't', partition: 2, offset: 7, timestamp: 5, key: 'k' }
  assert.deepEqual(emitted, [
    [
      { ...place, document: { a: 1 } },
      { key: 'k', id: 't/2/7/store' },
    ],
  ])
})

test('a refused row fails its own message only', async () => {
  const { kinds } = await run({ asList: true }, [message(1), message(2), message(3)], { 2: ROW })
  assert.deepEqual(kinds, [undefined, ['retry', 'record'], undefined])
})

test('a sink that is down is no evidence against anything: what is behind it waits, too', async () => {
  const messages = [message(1), message(2), message(3), message(4)]
  const { kinds } = await run({ asList: true }, messages, { 2: DOWN, 4: ROW })
  const waits = ['retry', 'limit']
  assert.deepEqual(kinds, [undefined, waits, waits, waits])
})

test('a document that cannot be read is the fault of its message alone', async () => {
  const damaged = {
    ...message(8),
    get document(): never {
      throw new OccError('OCC_PROTOBUF_INVALID', 'damaged')
    },
  }
  const { emitted, kinds } = await run({ each: 'message' }, [message(7), damaged, message(9)])
  assert.equal(emitted.length, 2)
  assert.deepEqual(kinds, [undefined, ['retry', 'record'], undefined])
})

test('a record of which a rule says nothing is skipped, so it is no evidence that its sink works', async () => {
  const quiet = new OccError('OCC_ALERT_QUIET', 'no alert')
  const errors = { 1: quiet, 3: ROW, 4: DOWN }
  const { kinds } = await run(
    {},
    [message(1), message(2), message(3), message(4), message(1)],
    errors,
  )
  assert.deepEqual(kinds, [
    ['skip', undefined],
    undefined,
    ['retry', 'record'],
    ['retry', 'limit'],
    ['retry', 'limit'],
  ])
})
