import assert from 'node:assert/strict'
import test from 'node:test'
import type { Line } from '../../../src/commit/transactions/line.ts'
import { transactionOf } from '../../../src/commit/transactions/submission.ts'
import type { Transaction, TransactionResult } from '../../../src/commit/transactions/types.ts'
import { codeOf, OccError } from '../../../src/kernel/errors.ts'
import type { DeadLetter } from '../../../src/kernel/shapes/dead-letter.ts'
import { createLine, rowOf, setUp } from './transacting.ts'

const error = new OccError('OCC_EMIT_ROW', 'refused')
const away = new OccError('OCC_EMIT', 'away', { retriable: true })

function letterOf(partition: number): DeadLetter {
  const place = { topic: 'T', partition, offset: 0, timestamp: 0 }
  return {
    record: { ...place, key: null, value: null, headers: undefined },
    ...{ group: 'g', error, handler: 'h', attempts: 1, redrives: 0, failedAt: 0 },
  }
}

function submission(line: Line, ...offsets: number[]) {
  return { line, offsets, writes: [rowOf(...offsets)], recordTime: null }
}

test('a transaction has the offsets that it makes true, and the records count as finished with it', async () => {
  const { transactions, runs } = setUp(() => ({ kind: 'committed' }))
  const { line, tracker } = createLine()
  await Promise.all([
    transactions.write(submission(line, 0)),
    transactions.write(submission(line, 2)),
  ])
  assert.deepEqual(
    runs
      .flatMap(({ moves }) => moves)
      .map(({ next, finished, version }) => [next, finished, version]),
    [
      [1, [], 7],
      [1, [{ from: 2, to: 3 }], 8],
    ],
  )
  assert.equal(tracker.committable, 1)
  // The flow reports them, which changes nothing.
  tracker.finished(0)
  tracker.finished(2)
  tracker.finished(1)
  assert.equal(tracker.committable, 3)
})

test('rows that several records hold are written once', () => {
  const { line } = createLine()
  const [shared, own] = [rowOf(0, 1), rowOf(1)]
  const { writes } = transactionOf([
    { line, offsets: [0], writes: [shared], recordTime: null },
    { line, offsets: [1], writes: [shared, own], recordTime: null },
  ])
  assert.deepEqual(writes, [shared, own])
})

test('a commit whose answer was lost is decided by running it again: it was written', async () => {
  const { transactions, runs, ended } = setUp((_, call) =>
    call === 1 ? { kind: 'doubt', error } : { kind: 'mismatch', found: [{ epoch: 4, version: 8 }] },
  )
  const { line, tracker, fenced } = createLine()
  await transactions.write(submission(line, 0))
  assert.deepEqual([ended, runs[0] === runs[1], tracker.committable], [['doubt', 'ok'], true, 1])
  assert.equal(fenced(), 0)
})

test('a transaction has the leader epoch of the last record that is finished with it', async () => {
  const { transactions, runs } = setUp(() => ({ kind: 'committed' }))
  const { line } = createLine()
  await transactions.write(submission(line, 0))
  await transactions.write(submission(line, 4))
  const [first, second] = runs.map(({ moves }) => moves[0])
  assert.deepEqual([first?.next, first?.finishedEpoch], [1, 101])
  assert.deepEqual([second?.next, second?.finishedEpoch], [1, 105])
})

test('while it is in doubt, a database that is away changes nothing', async () => {
  const answers: TransactionResult[] = [
    { kind: 'doubt', error },
    { kind: 'failed', error },
    { kind: 'committed' },
  ]
  const { transactions, ended } = setUp((_, call) => answers[call - 1] as TransactionResult)
  const { line, tracker } = createLine()
  await transactions.write(submission(line, 0))
  assert.deepEqual([ended, tracker.committable], [['doubt', 'failed', 'ok'], 1])
})

test('a partition that another has claimed is given up, and the others of the transaction are written', async () => {
  const { transactions, runs } = setUp((_, call) =>
    call === 1
      ? { kind: 'committed' }
      : call === 2
        ? {
            kind: 'mismatch',
            found: [
              { epoch: 5, version: 7 },
              { epoch: 4, version: 7 },
            ],
          }
        : { kind: 'committed' },
  )
  const one = createLine(0)
  const other = createLine(1)
  const busy = createLine(2)
  const results = await Promise.allSettled([
    transactions.write(submission(busy.line, 0)),
    transactions.write(submission(one.line, 0)),
    transactions.write(submission(other.line, 0)),
  ])
  assert.deepEqual(
    results.map((result) => (result.status === 'rejected' ? codeOf(result.reason) : 'written')),
    ['written', 'OCC_OFFSETS_FENCED', 'written'],
  )
  assert.deepEqual([one.fenced(), other.fenced()], [1, 0])
  assert.deepEqual(
    runs.at(-1)?.moves.map(({ claim }) => claim.partition),
    [1],
  )
  assert.equal(one.tracker.committable, 0)
  await assert.rejects(transactions.advance(one.line), { code: 'OCC_OFFSETS_FENCED' })
})

test('only the submission that the database refuses fails', async () => {
  const isBad = ({ writes }: Transaction) => writes.some(({ offsets }) => offsets.includes(5))
  const { transactions, runs } = setUp((transaction) =>
    isBad(transaction) ? { kind: 'refused', error } : { kind: 'committed' },
  )
  const { line, tracker } = createLine()
  const results = await Promise.allSettled(
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((offset) => transactions.write(submission(line, offset))),
  )
  assert.deepEqual(
    results.flatMap(({ status }, offset) => (status === 'rejected' ? [offset] : [])),
    [5],
  )
  assert.equal(tracker.committable, 5)
  assert.ok(runs.length < 10, `${runs.length}`)
})

test('what is finished without rows is written by advance, once', async () => {
  const { transactions, runs } = setUp(() => ({ kind: 'committed' }))
  const { line, tracker } = createLine()
  tracker.finished(0)
  await transactions.advance(line)
  await transactions.advance(line)
  assert.deepEqual(
    runs.map(({ moves, writes }) => [moves[0]?.next, writes.length]),
    [[1, 0]],
  )
})

test('nothing is written for an assignment that has ended', async () => {
  const { transactions, runs } = setUp(() => ({ kind: 'committed' }))
  const { line, abort, fenced } = createLine()
  abort.abort()
  await assert.rejects(transactions.write(submission(line, 0)), { code: 'OCC_OFFSETS_FENCED' })
  assert.deepEqual([runs.length, fenced()], [0, 0])
})

test('a table that is missing fails only the records whose rows are for it', async () => {
  const { transactions, runs, ended } = setUp(({ writes }) => {
    const isMissing = writes.some((write) => write.kind === 'rows' && write.sink === 'missing')
    return isMissing ? { kind: 'failed', error: away, ofPart: true } : { kind: 'committed' }
  })
  const lines = [createLine(0), createLine(1), createLine(2), createLine(3)]
  const all = lines.map(({ line }, index) => {
    const writes = [{ ...rowOf(0), sink: index === 1 ? 'missing' : 's' }]
    return transactions.write({ line, offsets: [0], writes, recordTime: null })
  })
  const settled = await Promise.allSettled(all)
  assert.deepEqual(
    settled.map((each) => (each.status === 'rejected' ? codeOf(each.reason) : 'written')),
    ['written', 'OCC_EMIT', 'written', 'written'],
  )
  assert.deepEqual(
    lines.map(({ tracker }) => tracker.committable),
    [1, 0, 1, 1],
  )
  assert.equal(ended.filter((result) => result === 'ok').length, runs.length - 3)
})

test('where an operator sets a partition is the last that is written under its claim', async () => {
  const { transactions, runs } = setUp((_, call) =>
    call === 1 ? { kind: 'doubt', error } : { kind: 'mismatch', found: [{ epoch: 4, version: 8 }] },
  )
  const { line, fenced } = createLine()
  const to = { offset: 3, operator: 'text' }
  await transactions.write({ line, offsets: [], writes: [], recordTime: null, to })
  const [run] = runs
  const moves = run?.moves.map((each) => [each.next, each.finished, each.operator])
  assert.deepEqual(moves, [[3, [], 'text']])
  // What a handler that was too slow for the drain still answers would set it back.
  await assert.rejects(transactions.write(submission(line, 0)), { code: 'OCC_OFFSETS_FENCED' })
  assert.deepEqual([runs.length, fenced()], [2, 0])
})

test('of thousands of partitions that park records or keep letters, each transaction has a part', async () => {
  const { transactions, runs } = setUp(() => ({ kind: 'committed' }))
  const own = async () => {}
  await Promise.all(
    Array.from({ length: 250 }, (_, partition) =>
      transactions.write({
        ...{ line: createLine(partition).line, offsets: [0], writes: [], recordTime: null },
        ...(partition % 2 === 0 ? { own } : { letter: letterOf(partition) }),
      }),
    ),
  )
  const sizes = runs.map(({ own = [], letters }) => own.length + letters.length)
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    250,
  )
  assert.equal(Math.max(...sizes), 100)
})
