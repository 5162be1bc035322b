import assert from 'node:assert/strict'
import test from 'node:test'
import type { Message } from '../../../src/decode/types.ts'
import type { BatchAnswer, BatchHandler, Handler } from '../../../src/handle/api/types.ts'
import { type Outcome, skip } from '../../../src/kernel/shapes/outcome.ts'
import { createPipeline, recordAt } from './parts.ts'

type Handle = (offsets: readonly number[], messages: readonly Message[]) => BatchAnswer

/** Records the offsets of each call. */
function createBatches(handle: Handle, size = 100) {
  const calls: number[][] = []
  const handler: BatchHandler = {
    name: 'batch',
    batch: { size, within: 50 },
    async handle(messages) {
      const offsets = messages.map(({ record }) => record.offset)
      calls.push(offsets)
      return handle(offsets, messages)
    },
  }
  return { calls, handler }
}

function failOn(poison: number, error: Error): Handle {
  return (offsets) => {
    if (offsets.includes(poison)) throw error
  }
}

function createSlices(handlers: readonly Handler[]) {
  const it = createPipeline(handlers)
  return {
    ...it,
    slice: async (offsets: readonly number[], ordered = true, values?: readonly string[]) => {
      const records = offsets.map((offset, index) => recordAt(offset, values?.[index]))
      const answers = await it.pipeline.processSlice(records, it.signal, ordered)
      return answers.map((answer: Outcome | 'untouched') =>
        answer === 'untouched' ? answer : answer.kind,
      )
    },
  }
}

test('the flow is told the size and the time of a batch, and gets an answer for each record', async () => {
  const { calls, handler } = createBatches(() => {})
  const it = createSlices([handler])
  assert.deepEqual(it.pipeline.slice, { size: 100, within: 50 })
  assert.deepEqual(await it.slice([1, 2, 3]), ['ok', 'ok', 'ok'])
  assert.deepEqual(calls, [[1, 2, 3]])
})

test('a batch that fails is split until the poison record is found; the others are handled', async () => {
  const { calls, handler } = createBatches(failOn(6, new TypeError('poison')))
  const it = createSlices([handler])
  const answers = await it.slice([1, 2, 3, 4, 5, 6, 7, 8], false)
  assert.deepEqual(answers, ['ok', 'ok', 'ok', 'ok', 'ok', 'retry', 'ok', 'ok'])
  const found = [[1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4], [5, 6, 7, 8], [5, 6], [5], [6], [7, 8]]
  assert.deepEqual(calls, found)
})

test('with order, no record behind one that needs another attempt is handled', async () => {
  const { calls, handler } = createBatches(failOn(3, new Error('not yet')))
  const it = createSlices([handler])
  assert.deepEqual(await it.slice([1, 2, 3, 4]), ['ok', 'ok', 'retry', 'untouched'])
  assert.deepEqual(calls, [[1, 2, 3, 4], [1, 2], [3, 4], [3]])
})

test('without order, records behind one that needs another attempt are handled with it or after it', async () => {
  const { handler } = createBatches(failOn(3, new Error('not yet')))
  const it = createSlices([handler])
  assert.deepEqual(await it.slice([1, 2, 3, 4], false), ['ok', 'ok', 'retry', 'untouched'])
  assert.deepEqual(await it.slice([4, 5], false), ['ok', 'ok'])
  assert.deepEqual(await it.slice([6, 3, 7], false), ['ok', 'retry', 'ok'])
})

test('during an outage a batch costs few calls, and only its first record an attempt', async () => {
  for (const ordered of [true, false]) {
    const { calls, handler } = createBatches(() => {
      throw Object.assign(new Error('down'), { code: 'ECONNREFUSED' })
    })
    const it = createSlices([handler])
    const answers = await it.slice([1, 2, 3, 4, 5, 6, 7, 8], ordered)
    assert.deepEqual(answers, ['retry', ...Array.from({ length: 7 }, () => 'untouched')])
    assert.equal(calls.length, 4)
  }
})

test('a batch refused for being too early is not handed over again in pieces', async () => {
  const { calls, handler } = createBatches(() => {
    throw Object.assign(new Error('slower'), { status: 429 })
  })
  const answers = await createSlices([handler]).slice([1, 2, 3, 4], false)
  assert.deepEqual(answers, ['retry', 'untouched', 'untouched', 'untouched'])
  assert.deepEqual(calls, [[1, 2, 3, 4]])
})

test('a batch handler may answer for each message, or skip all', async () => {
  const each = createBatches((offsets) =>
    offsets.map((offset) => (offset === 2 ? skip('not mine') : undefined)),
  )
  assert.deepEqual(await createSlices([each.handler]).slice([1, 2, 3]), ['ok', 'skip', 'ok'])
  const all = createBatches(() => skip('not mine'))
  assert.deepEqual(await createSlices([all.handler]).slice([1, 2]), ['skip', 'skip'])
  const short = createBatches(() => [])
  assert.deepEqual(await createSlices([short.handler]).slice([1, 2], false), ['retry', 'untouched'])
})

test('each handler gets batches of its own size; single-message handlers get messages in order', async () => {
  const two = createBatches(() => {}, 2)
  const three = createBatches(() => {}, 3)
  const singles: number[] = []
  const single: Handler = {
    name: 'single',
    handle: ({ record }) => void singles.push(record.offset),
  }
  const it = createSlices([two.handler, { ...three.handler, name: 'three' }, single])
  assert.equal(it.pipeline.slice?.size, 3)
  await it.slice([1, 2, 3])
  assert.deepEqual([two.calls, three.calls, singles], [[[1, 2], [3]], [[1, 2, 3]], [1, 2, 3]])
})

test('a handler is not called again for an untouched record it has already handled', async () => {
  const { calls, handler } = createBatches(() => {})
  let isDown = true
  const shaky: Handler = {
    name: 'shaky',
    handle({ record }) {
      if (isDown && record.offset === 2) throw new Error('away')
    },
  }
  const it = createSlices([handler, shaky])
  assert.deepEqual(await it.slice([1, 2, 3]), ['ok', 'retry', 'untouched'])
  isDown = false
  assert.deepEqual(await it.slice([2, 3]), ['ok', 'ok'])
  assert.deepEqual(calls, [[1, 2, 3]])
})

test('of two records of a slice that share an event, the second is handled only if the first was not', async () => {
  const { calls, handler } = createBatches(() => {})
  const it = createSlices([handler])
  const values = ['a', 'b', 'a', 'c,b']
  assert.deepEqual(await it.slice([1, 2, 3, 4], true, values), ['ok', 'ok', 'skip', 'ok'])
  assert.deepEqual(calls, [[1, 2], [4]])
  const poisoned = createBatches(failOn(1, new TypeError('poison')))
  const other = createSlices([poisoned.handler])
  assert.deepEqual(await other.slice([1, 2], false, ['a', 'a']), ['retry', 'ok'])
})

test('a record that cannot be decoded, or has no events left, does not hold up its slice', async () => {
  const { calls, handler } = createBatches(() => {})
  const it = createSlices([{ ...handler, filter: ({ id }) => id !== 'x' }])
  assert.deepEqual(await it.slice([1, 2, 3], true, ['a', 'x', 'b']), ['ok', 'skip', 'ok'])
  assert.deepEqual(calls, [[1, 3]])
})

test('a single record goes to a batch handler as a batch of one', async () => {
  const { calls, handler } = createBatches(() => {})
  const it = createPipeline([handler])
  assert.equal((await it.process(5)).kind, 'ok')
  assert.deepEqual(calls, [[5]])
})

test('a sparse list of answers has an answer for each message', async () => {
  for (const ordered of [true, false]) {
    const { handler } = createBatches((offsets) => {
      const answers = new Array<Outcome | undefined>(offsets.length)
      answers[offsets.indexOf(2)] = skip('odd')
      return answers
    })
    const it = createSlices([handler])
    assert.deepEqual(await it.slice([1, 2, 3], ordered), ['ok', 'skip', 'ok'])
  }
})
