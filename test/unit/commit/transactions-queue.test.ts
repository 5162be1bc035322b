import assert from 'node:assert/strict'
import test from 'node:test'
import { Transactions } from '../../../src/commit/transactions/transactions.ts'
import type { TransactionResult } from '../../../src/commit/transactions/types.ts'
import { OccError } from '../../../src/kernel/errors.ts'
import { until } from '../../support/waiting.ts'
import { createLine, rowOf, setUp } from './transacting.ts'

const away = new OccError('OCC_EMIT', 'away', { retriable: true })

test('the queue is full once a transaction is ready behind each writer, and says when it is not and how long it was', async (t) => {
  let now = 0
  t.mock.method(performance, 'now', () => now)
  const full: number[] = []
  const answers: Array<() => void> = []
  const target = {
    async run(): Promise<TransactionResult> {
      await new Promise<void>((resolve) => answers.push(resolve))
      return { kind: 'committed' }
    },
  }
  const limits = { rows: 2, bytes: 10_000, within: 0, writers: 2 }
  const transactions = new Transactions(target, limits, {
    ended() {},
    wasFull: (seconds) => full.push(seconds),
  })
  const { queue } = transactions
  const lines = Array.from({ length: 7 }, (_, partition) => createLine(partition).line)
  const written: number[] = []
  for (const [partition, line] of lines.entries()) {
    const rows = { ...rowOf(0), rows: [['x'], ['y']] }
    void transactions
      .write({ line, offsets: [0], writes: [rows], recordTime: null })
      .then(() => written.push(partition))
    // Two are being written, and two may wait.
    assert.equal(!queue.open, partition >= 3, `after ${partition + 1}`)
    now += 1_000
  }
  let freed = 0
  queue.whenOpen(() => {
    freed += 1
  })
  for (let answered = 1; answered <= 7; answered++) {
    answers.shift()?.()
    await until(() => written.length === answered, 'its rows')
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(freed, answered >= 4 ? 1 : 0, `after ${answered} transactions`)
    now += 1_000
  }
  assert.deepEqual(full, [7], 'from the fourth submission to the fourth answer')
})

test('a database that is away leaves the queue empty', async () => {
  const { transactions } = setUp(() => ({ kind: 'failed', error: away }))
  const { queue } = transactions
  const rows = Array.from({ length: 100 }, () => ['x'])
  const all = [0, 1, 2].map((partition) =>
    transactions.write({
      ...{ line: createLine(partition).line, offsets: [0], recordTime: null },
      writes: [{ ...rowOf(0), rows }],
    }),
  )
  assert.ok(!queue.open)
  let isFree = false
  queue.whenOpen(() => {
    isFree = true
  })
  await Promise.allSettled(all)
  assert.deepEqual([isFree, !queue.open], [true, false])
})
