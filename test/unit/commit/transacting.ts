import { OffsetTracker } from '../../../src/commit/offset-tracker.ts'
import { Line } from '../../../src/commit/transactions/line.ts'
import { Transactions } from '../../../src/commit/transactions/transactions.ts'
import type { Transaction, TransactionResult } from '../../../src/commit/transactions/types.ts'
import type { HeldRows } from '../../../src/kernel/shapes/held-write.ts'

/** Transactions of a target that answers like this; what it got, and how each of them ended. */
export function setUp(answer: (transaction: Transaction, call: number) => TransactionResult) {
  const runs: Transaction[] = []
  const ended: string[] = []
  const target = {
    async run(transaction: Transaction) {
      runs.push(transaction)
      return answer(transaction, runs.length)
    },
  }
  const options = { rows: 100, bytes: 10_000, within: 0, writers: 1 }
  const meter = { ended: (result: string) => void ended.push(result), wasFull() {} }
  const transactions = new Transactions(target, options, meter)
  return { transactions, runs, ended }
}

export function createLine(partition = 0, records = 10) {
  const tracker = new OffsetTracker(0)
  for (let offset = 0; offset < records; offset++) tracker.arrived(offset)
  const abort = new AbortController()
  let fenced = 0
  const claim = {
    ...{ topic: 'T', partition, epoch: 4, version: 7 },
    fenced() {
      fenced += 1
    },
    epochBefore: (offset: number) => 100 + offset,
  }
  const progress = {
    metadata: '',
    lastTimestamp: null,
    preview: (offsets: Iterable<number>) => tracker.preview(offsets),
    settle: (offset: number) => tracker.settle(offset),
  }
  const line = new Line(claim, progress, abort.signal)
  return { line, tracker, abort, fenced: () => fenced }
}

export function rowOf(...offsets: number[]): HeldRows {
  return { kind: 'rows', handler: 'h', sink: 's', offsets, rows: [['x']], bytes: 1 }
}
