import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { RecordWriter } from '../../../src/handle/write/write-round.ts'
import { OccError } from '../../../src/kernel/errors.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { kinds, recordAt, recordsOf, startWorkers } from './processing.ts'

/** Emits what the document says, and does as it says afterwards. */
const WRITER = `
export default {
  name: 'writer',
  async handle({ document: { rows, want } }, { emit, transaction }) {
    for (const row of rows) await emit('db', { amount: 12345678901234567890n, ...row })
    if (want === 'exit') process.exit(3)
    if (want === 'join') transaction(async (query) => query('select 1'))
  },
}`

const SECOND = `export default { name: 'second', handle: (_, { dead }) => dead('never') }`

/** Keeps what it is asked to write until it is told what becomes of it. */
function createStore() {
  const asked: Array<{ offsets: number[]; rows: unknown[]; handler: string | undefined }> = []
  const answers: Array<PromiseWithResolvers<void>> = []
  const arrivals: Array<() => void> = []
  let isOpen = true
  const writer: RecordWriter = {
    write(records, writes) {
      const rows = writes.flatMap((write) => (write.kind === 'rows' ? write.rows : []))
      const [first] = writes
      asked.push({ offsets: records.map(({ offset }) => offset), rows, handler: first?.handler })
      const answer = Promise.withResolvers<void>()
      answers.push(answer)
      if (isOpen) answer.resolve()
      for (const arrived of arrivals.splice(0)) arrived()
      return answer.promise
    },
  }
  return {
    writer,
    asked,
    /** Answers from now on only when the test says so. */
    hold() {
      isOpen = false
    },
    /** Resolves with the next write. */
    async next(): Promise<PromiseWithResolvers<void>> {
      const count = answers.length
      while (answers.length === count) {
        await new Promise<void>((resolve) => arrivals.push(resolve))
      }
      return answers[count] ?? assert.fail()
    },
  }
}

async function setUp(t: TestContext, settings: object = {}) {
  const urlFile = join(temporaryFolder(t), 'url')
  writeFileSync(urlFile, 'postgres://nobody@localhost:1/none?sslmode=disable')
  const columns = { id: 'id', amount: { from: 'amount', type: 'numeric' } }
  const started = await startWorkers(t, WRITER, {
    offsets: { store: 'postgres', postgres: { urlFile } },
    sinks: { db: { type: 'postgres', urlFile, table: 'rows', columns } },
    ...settings,
  })
  const store = createStore()
  return { ...started, ...started.open(1, store.writer), store }
}

const rowOf = (id: string, want = '') => ({ rows: [{ id }], want })

test('what a handler in a worker emits is written with the offsets of its records, one transaction after the other', async (t) => {
  const { slice, store, processor } = await setUp(t)
  const answers = await slice(recordsOf([rowOf('a'), { rows: [] }, rowOf('c')]))
  assert.deepEqual(kinds(answers), ['ok', 'ok', 'ok'])
  assert.deepEqual(store.asked, [
    { offsets: [0], rows: [['a', '12345678901234567890']], handler: 'writer' },
    { offsets: [2], rows: [['c', '12345678901234567890']], handler: 'writer' },
  ])
  // Their offsets are finished one by one, so the main thread opens all batches.
  assert.equal(processor.batches, undefined)
})

test('a row that the database refuses is a failed attempt of its record, and a database that is away is none', async (t) => {
  const { slice, store } = await setUp(t)
  for (const [error, kind, fault] of [
    [new OccError('OCC_EMIT_ROW', 'too large'), 'retry OCC_EMIT_ROW', 'record'],
    [new OccError('OCC_EMIT', 'away', { retriable: true }), 'retry OCC_EMIT', 'limit'],
  ] as const) {
    store.hold()
    const running = slice(recordsOf([rowOf('a'), rowOf('b')]))
    const writing = await store.next()
    writing.reject(error)
    const answers = await running
    assert.deepEqual(kinds(answers), [kind, 'untouched'])
    const [first] = answers
    assert.ok(first !== undefined && first !== 'untouched' && first.kind === 'retry')
    assert.deepEqual([first.fault, first.handler], [fault, 'writer'])
  }
})

for (const isCommitted of [true, false]) {
  test(`a worker that dies while rows are ${isCommitted ? '' : 'not '}written leaves no doubt about their record`, async (t) => {
    const { slice, store, logged } = await setUp(t)
    store.hold()
    // It has one more row to emit, so the first record is being written when it ends the worker.
    const dying = { rows: [{ id: 'b' }, { id: 'c' }], want: 'exit' }
    const running = slice(recordsOf([rowOf('a'), dying]), false)
    const writing = await store.next()
    await logged('worker.died')
    if (isCommitted) writing.resolve()
    else writing.reject(new OccError('OCC_EMIT', 'away', { retriable: true }))
    // Of two in flight, nobody knows which one it was; of one, it is known.
    assert.deepEqual(
      kinds(await running),
      isCommitted ? ['ok', 'retry OCC_WORKER_DIED'] : ['untouched', 'untouched'],
    )
    assert.deepEqual(
      store.asked.map(({ offsets }) => offsets),
      [[0]],
    )
  })
}

test('a record that is given up takes along what its other handlers emitted', async (t) => {
  const folder = temporaryFolder(t)
  const handlers = Object.entries({ writer: WRITER, second: SECOND }).map(([name, source]) => {
    const path = join(folder, `${name}.mjs`)
    writeFileSync(path, source)
    return { path }
  })
  const { slice, store } = await setUp(t, { handlers })
  const [answer] = await slice([recordAt(3, rowOf('a'))])
  assert.deepEqual(store.asked, [])
  assert.ok(answer !== undefined && answer !== 'untouched' && answer.kind === 'dead')
  assert.deepEqual(
    answer.writes?.map(({ handler, offsets }) => [handler, offsets]),
    [['writer', [3]]],
  )
})

test('context.transaction is refused in a worker: its records wait, and none becomes a letter', async (t) => {
  const { slice, store, noTransaction } = await setUp(t)
  const answers = await slice(recordsOf([rowOf('a', 'join'), rowOf('b')]))
  assert.deepEqual(kinds(answers), ['retry OCC_HANDLER_TRANSACTION', 'untouched'])
  const [first] = answers
  assert.ok(first !== undefined && first !== 'untouched' && first.kind === 'retry')
  assert.equal(first.fault, 'limit')
  assert.match(first.error.message, /from a worker thread.*group: own.*workers: 0/)
  assert.equal((await noTransaction).code, 'OCC_HANDLER_TRANSACTION')
  assert.deepEqual(store.asked, [])
})
