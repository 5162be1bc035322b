import assert from 'node:assert/strict'
import test from 'node:test'
import type { Message } from '../../../src/decode/types.ts'
import type { BatchHandler, Handler } from '../../../src/handle/api/types.ts'
import type { HandlerEmit } from '../../../src/handle/load/loaded-handler.ts'
import type { RecordWriter } from '../../../src/handle/write/write-round.ts'
import { codeOf, OccError } from '../../../src/kernel/errors.ts'
import type { HeldWrite } from '../../../src/kernel/shapes/held-write.ts'
import type { Outcome } from '../../../src/kernel/shapes/outcome.ts'
import { createPipeline, recordAt } from './parts.ts'

const refused = new OccError('OCC_EMIT_ROW', 'refused')
const away = new OccError('OCC_EMIT', 'away', { retriable: true })

/** As a sink in the database of the offsets: it keeps what is emitted. */
const emit: HandlerEmit = async ({ hold }, sink, value) => {
  hold?.({ sink, rows: [[String(value)]], bytes: 1 })
}

/** A store that refuses some rows, and may be away. */
class Store implements RecordWriter {
  readonly written: Array<{ offsets: number[]; rows: string[] }> = []
  readonly bad = new Set<string>()
  isAway = false
  attempts = 0

  async write(...[records, writes]: Parameters<RecordWriter['write']>): Promise<void> {
    this.attempts += 1
    const rows = writes.flatMap((write) => (write.kind === 'rows' ? write.rows.flat() : []))
    if (this.isAway) throw away
    if (rows.some((row) => this.bad.has(String(row)))) throw refused
    this.written.push({ offsets: records.map(({ offset }) => offset), rows: rows.map(String) })
  }

  get rows(): string[] {
    return this.written.flatMap(({ rows }) => rows)
  }
}

function setUp(handlers: Handler[], window = 100) {
  const store = new Store()
  const loaded = { transacts: true }
  const options = { emit, loaded, writer: store, window }
  const { process, pipeline, signal } = createPipeline(handlers, options)
  const slice = (offsets: number[], ordered = true) =>
    pipeline.processSlice(
      offsets.map((offset) => recordAt(offset)),
      signal,
      ordered,
    )
  /** As the flow does: what is not finished is handed over again, in its place. */
  async function finish(offsets: number[], ordered = true) {
    let left = [...offsets]
    for (let round = 0; left.length > 0 && round < 50; round++) {
      const answers = await slice(left, ordered)
      left = left.filter((_, index) => {
        const answer = answers[index]
        if (answer === undefined || answer === 'untouched') return true
        // It becomes a letter.
        if (answer.kind === 'retry' && codeOf(answer.error) === 'OCC_EMIT_ROW') return false
        return answer.kind === 'retry'
      })
    }
    assert.deepEqual(left, [])
  }
  return { store, process, slice, finish }
}

const kindsOf = (answers: ReadonlyArray<Outcome | 'untouched'>) =>
  answers.map((answer) => (answer === 'untouched' ? answer : answer.kind))

const one = (name: string): Handler => ({
  name,
  handle: ({ record }, context) => context.emit('db', `${name}${record.offset}`),
})

test('a record is answered once its rows are written, those of all its handlers together', async () => {
  const { process, store } = setUp([one('a'), one('b')])
  const outcome = await process(1)
  assert.deepEqual([outcome.kind, store.written], ['ok', [{ offsets: [1], rows: ['a1', 'b1'] }]])
})

test('rows of a handler that is done wait for the others, and are not emitted again', async () => {
  let calls = 0
  const failing: Handler = {
    name: 'b',
    async handle({ record }, context) {
      calls += 1
      await context.emit('db', `b${record.offset}-${calls}`)
      if (calls === 1) throw new Error('once')
    },
  }
  const { process, store } = setUp([one('a'), failing])
  const first = await process(1)
  assert.deepEqual([first.kind, store.rows], ['retry', []])
  // Were it given up now, what is done would go with the letter.
  assert.equal(first.kind === 'retry' && first.writes?.length, 1)
  assert.equal((await process(1)).kind, 'ok')
  assert.deepEqual(store.rows, ['a1', 'b1-2'])
})

test('a row that is refused fails the record with its handler, and it is no duplicate afterwards', async () => {
  const { process, store } = setUp([one('a')])
  store.bad.add('a1')
  const outcome = await process(1)
  assert.ok(outcome.kind === 'retry')
  assert.deepEqual([outcome.fault, outcome.handler, outcome.writes], ['record', 'a', undefined])
  store.bad.clear()
  assert.equal((await process(1)).kind, 'ok')
  assert.deepEqual(store.rows, ['a1'])
  assert.equal((await process(2, 'e1')).kind, 'skip', 'now it is')
})

test("a database that is away is nobody's fault", async () => {
  const { process, store } = setUp([one('a')])
  store.isAway = true
  const outcome = await process(1)
  assert.equal(outcome.kind === 'retry' && outcome.fault, 'limit')
})

test('what a handler emits for a dead record goes with its letter', async () => {
  const { process, store } = setUp([
    {
      name: 'a',
      async handle(_, context) {
        await context.emit('db', 'seen')
        return context.dead('no')
      },
    },
  ])
  const outcome = await process(1)
  assert.deepEqual([outcome.kind, outcome.writes?.length, store.rows], ['dead', 1, []])
})

for (const ordered of [true, false]) {
  test(`messages of a batch that say what is theirs are written together, and only the bad one fails (ordered: ${ordered})`, async () => {
    const batch: BatchHandler = {
      name: 'a',
      batch: { size: 10, within: 0 },
      async handle(messages, context) {
        for (const message of messages) {
          await context.emit('db', `a${message.record.offset}`, { message })
        }
      },
    }
    const { slice, store, finish } = setUp([batch])
    store.bad.add('a5')
    const answers = await slice([1, 2, 3, 4, 5, 6, 7, 8], ordered)
    const behind = ordered ? 'untouched' : 'ok'
    assert.deepEqual(kindsOf(answers), [
      ...['ok', 'ok', 'ok', 'ok', 'retry'],
      ...[behind, behind, behind],
    ])
    assert.deepEqual(
      store.rows,
      (ordered ? [1, 2, 3, 4] : [1, 2, 3, 4, 6, 7, 8]).map((id) => `a${id}`),
    )
    await finish([5, 6, 7, 8].slice(ordered ? 0 : 4), ordered)
    assert.deepEqual(
      store.rows,
      [1, 2, 3, 4, 6, 7, 8].map((id) => `a${id}`),
    )
  })

  test(`rows of a whole batch are written with all of its messages; if they cannot be, each goes alone (ordered: ${ordered})`, async () => {
    const batch: BatchHandler = {
      name: 'a',
      batch: { size: 4, within: 0 },
      async handle(messages, context) {
        await context.emit('db', messages.map(({ record }) => record.offset).join('+'))
      },
    }
    const { slice, store, finish } = setUp([batch])
    assert.deepEqual(kindsOf(await slice([1, 2, 3], ordered)), ['ok', 'ok', 'ok'])
    assert.deepEqual(store.written, [{ offsets: [1, 2, 3], rows: ['1+2+3'] }])
    store.bad.add('4+5+6').add('5')
    await finish([4, 5, 6], ordered)
    assert.deepEqual(store.rows, ['1+2+3', '4', '6'])
  })

  test(`a batch is not written in part because another handler needs a further attempt (ordered: ${ordered})`, async () => {
    let isDown = true
    const batch: BatchHandler = {
      name: 'a',
      batch: { size: 4, within: 0 },
      async handle(messages, context) {
        await context.emit('db', messages.map(({ record }) => `a${record.offset}`).join('+'))
      },
    }
    const other: Handler = {
      name: 'b',
      async handle({ record }, context) {
        if (record.offset === 2 && isDown) throw new Error('down')
        await context.emit('db', `b${record.offset}`)
      },
    }
    const { slice, store, finish } = setUp([batch, other])
    const answers = await slice([1, 2, 3, 4], ordered)
    assert.ok(!kindsOf(answers).includes('ok'), `${kindsOf(answers)}`)
    // Were one of them given up now, its letter must not take the rows of the others along.
    const writes = answers.flatMap((answer) =>
      answer === 'untouched' ? [] : (answer.writes ?? []),
    )
    assert.ok(writes.every(({ offsets }) => offsets.length === 1))
    assert.deepEqual(store.rows, [])
    isDown = false
    await finish([1, 2, 3, 4], ordered)
    const all: readonly string[] = store.rows
    const perRecord = all.flatMap((row) => row.split('+')).toSorted()
    assert.deepEqual(perRecord, ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'b3', 'b4'])
  })
}

test('a large batch whose rows are for all of its messages is written in one go', async () => {
  // Each look at all messages for each row of each message would take minutes.
  const size = 2_000
  const batch: BatchHandler = {
    name: 'a',
    batch: { size, within: 0 },
    async handle(messages, context) {
      for (const { record } of messages) void context.emit('db', `a${record.offset}`)
    },
  }
  const { slice, store } = setUp([batch])
  const offsets = Array.from({ length: size }, (_, index) => index)
  const answers = await slice(offsets)
  assert.deepEqual([...new Set(kindsOf(answers))], ['ok'])
  assert.deepEqual(store.written, [{ offsets, rows: offsets.map((offset) => `a${offset}`) }])
})

test('a row for a message of another call is written with the messages of its own', async () => {
  let earlier: Message | undefined
  const batch: BatchHandler = {
    name: 'a',
    batch: { size: 2, within: 0 },
    async handle(messages, context) {
      const [first] = messages
      const message = earlier ?? first
      if (message !== undefined) await context.emit('db', `a${first?.record.offset}`, { message })
      earlier = first
    },
  }
  const { slice, store } = setUp([batch])
  assert.deepEqual(kindsOf(await slice([1, 2, 3, 4])), ['ok', 'ok', 'ok', 'ok'])
  assert.deepEqual(store.rows, ['a1', 'a3'])
})

test('context.transaction keeps statements for the transaction of the message', async () => {
  const handler: Handler = {
    name: 'a',
    handle(_, { transaction }) {
      transaction((query) => query('update x'))
    },
  }
  const written: HeldWrite[] = []
  const writer: RecordWriter = {
    write: async (_, writes) => void written.push(...writes),
  }
  const { process } = createPipeline([handler], { loaded: { transacts: true }, writer })
  assert.equal((await process(4)).kind, 'ok')
  const [work] = written
  assert.ok(work?.kind === 'work')
  assert.deepEqual(work.offsets, [4])
  const sent: string[] = []
  await work.run(async (text) => {
    sent.push(text)
    return { rows: [], rowCount: 0 }
  })
  assert.deepEqual(sent, ['update x'])
})

test('context.transaction needs a store, and says so', async () => {
  const handler: Handler = {
    name: 'a',
    handle(_, context) {
      context.transaction(async () => {})
    },
  }
  const { process } = createPipeline([handler])
  const outcome = await process(1)
  assert.equal(outcome.kind === 'retry' && outcome.error.code, 'OCC_HANDLER_TRANSACTION')
})
