import assert from 'node:assert/strict'
import test from 'node:test'
import type { OffsetRange } from '../../../src/broker/types.ts'
import { OffsetTracker } from '../../../src/commit/offset-tracker.ts'
import { Line } from '../../../src/commit/transactions/line.ts'
import { Transactions } from '../../../src/commit/transactions/transactions.ts'
import type {
  Move,
  Transaction,
  TransactionResult,
} from '../../../src/commit/transactions/types.ts'
import { OccError } from '../../../src/kernel/errors.ts'
import type { HeldRows } from '../../../src/kernel/shapes/held-write.ts'
import { createRandom } from '../../support/random.ts'

const PARTITIONS = 3
const RECORDS = 60
const TOPIC = 'T'

interface Stored {
  epoch: number
  version: number
  next: number
  finished: readonly OffsetRange[]
}

const error = new OccError('OCC_EMIT', 'away', { retriable: true })

/** A table of offsets and one of rows without a unique key, which fail before and after the commit. */
class Store {
  readonly offsets: Stored[] = Array.from({ length: PARTITIONS }, () => ({
    epoch: 0,
    version: 0,
    next: 0,
    finished: [],
  }))
  readonly rows: string[] = []
  readonly letters: string[] = []
  readonly #random: (below: number) => number
  readonly #bad: ReadonlySet<string>
  doubts = 0
  fenced = 0
  wentBack = 0

  constructor(random: (below: number) => number, bad: ReadonlySet<string>) {
    this.#random = random
    this.#bad = bad
  }

  claim(partition: number, fenced: () => void) {
    const row = this.offsets[partition] as Stored
    row.epoch += 1
    const { epoch, version, next, finished } = row
    const holder = { fenced, epochBefore: () => -1 }
    return { claim: { topic: TOPIC, partition, epoch, version, ...holder }, next, finished }
  }

  /** What the database does, at any time until the answer. */
  async run({ moves, writes, letters }: Transaction): Promise<TransactionResult> {
    await this.#pause()
    const fate = this.#random(12)
    if (fate === 0) return { kind: 'failed', error }
    if (fate === 1) return this.#doubt()
    const rowOf = ({ claim }: Move) => this.offsets[claim.partition] as Stored
    const isAsExpected = (move: Move) =>
      rowOf(move).epoch === move.claim.epoch && rowOf(move).version === move.version
    if (!moves.every(isAsExpected)) {
      this.fenced += 1
      return { kind: 'mismatch', found: moves.map((move) => ({ ...rowOf(move) })) }
    }
    const rows = writes.flatMap((write) => (write as HeldRows).rows.flat().map(String))
    if (rows.some((row) => this.#bad.has(row))) return { kind: 'refused', error }
    for (const move of moves) {
      const { next, finished } = move
      if (next < rowOf(move).next) this.wentBack += 1
      Object.assign(rowOf(move), { next, finished, version: move.version + 1 })
    }
    this.rows.push(...rows)
    this.letters.push(...letters.map(({ record }) => `${record.partition}/${record.offset}`))
    if (fate === 2) return this.#doubt()
    await this.#pause()
    return { kind: 'committed' }
  }

  #doubt(): TransactionResult {
    this.doubts += 1
    return { kind: 'doubt', error }
  }

  async #pause(): Promise<void> {
    for (let turn = this.#random(4); turn > 0; turn--) await turnOfLoop()
  }
}

function turnOfLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** A member's assignment of one partition: takes records, finishes them in any order. */
class Assignment {
  readonly #tracker: OffsetTracker
  readonly #line: Line
  readonly #abort = new AbortController()
  readonly #transactions: Transactions
  readonly #open: number[] = []
  readonly #partition: number
  #position: number

  constructor(store: Store, partition: number, transactions: Transactions, onFenced: () => void) {
    const { claim, next, finished } = store.claim(partition, onFenced)
    this.#tracker = new OffsetTracker(next, finished)
    const tracker = this.#tracker
    const progress = {
      metadata: '',
      lastTimestamp: null,
      preview: (offsets: Iterable<number>) => tracker.preview(offsets),
      settle: (offset: number) => tracker.settle(offset),
    }
    this.#line = new Line(claim, progress, this.#abort.signal)
    this.#transactions = transactions
    this.#partition = partition
    this.#position = next
  }

  lose(): void {
    this.#abort.abort()
  }

  step(random: (below: number) => number, bad: ReadonlySet<string>): void {
    if (random(2) === 0 && this.#position < RECORDS) {
      // Every seventh offset does not exist.
      const offset = this.#position % 7 === 6 ? this.#position + 1 : this.#position
      if (offset >= RECORDS) return
      this.#position = offset + 1
      this.#tracker.arrived(offset)
      if (this.#tracker.wasFinished(offset)) this.#tracker.finished(offset)
      else this.#open.push(offset)
      return
    }
    if (random(8) === 0) void this.#transactions.advance(this.#line).catch(() => {})
    if (this.#open.length === 0) return
    const [offset = 0] = this.#open.splice(random(this.#open.length), 1)
    // Every fifth record has no row.
    if (offset % 5 === 4) this.#tracker.finished(offset)
    else this.#write(offset, bad)
  }

  #write(offset: number, bad: ReadonlySet<string>, isDead = false): void {
    const id = `${this.#partition}/${offset}`
    const rows: HeldRows = {
      kind: 'rows',
      handler: 'h',
      sink: 's',
      offsets: [offset],
      rows: [[id]],
      bytes: 1,
    }
    const record = { topic: TOPIC, partition: this.#partition, offset }
    const letter = { record } as never
    this.#transactions
      .write({
        line: this.#line,
        offsets: [offset],
        writes: isDead ? [] : [rows],
        ...(isDead && { letter }),
        recordTime: null,
      })
      .then(
        // The flow hears of it some time later.
        () => turnOfLoop().then(() => this.#tracker.finished(offset)),
        () => {
          if (this.#line.isOver) return
          // The next attempt; a row that is refused becomes a letter.
          if (bad.has(id) && !isDead) this.#write(offset, bad, true)
          else this.#open.push(offset)
        },
      )
  }
}

async function play(seed: number, t: { mock: { timers: { tick(ms: number): void } } }) {
  const random = createRandom(seed)
  const ids = Array.from({ length: PARTITIONS }, (_, partition) =>
    Array.from({ length: RECORDS }, (_, offset) => ({ offset, id: `${partition}/${offset}` }))
      .filter(({ offset }) => offset % 7 !== 6 && offset % 5 !== 4)
      .map(({ id }) => id),
  ).flat()
  const bad = new Set(ids.filter(() => random(40) === 0))
  const store = new Store(random, bad)
  const meter = { ended() {}, wasFull() {} }
  const options = { rows: 5, bytes: 1_000, within: 1, writers: 2 }
  // Two processes; each believes for a while that it still has what the other has claimed.
  const processes = [0, 1].map(() => new Transactions(store, options, meter))
  let claims = 0
  const owners: Array<{ process: number; assignment: Assignment } | null> =
    Array(PARTITIONS).fill(null)
  const late: Assignment[] = []
  const give = (partition: number): void => {
    const former = owners[partition] ?? null
    // The former owner is told later, or only by the fence.
    if (former !== null) late.push(former.assignment)
    const process = random(2)
    const transactions = processes[process] as Transactions
    claims += 1
    const assignment: Assignment = new Assignment(store, partition, transactions, () =>
      assignment.lose(),
    )
    owners[partition] = { process, assignment }
  }
  for (let partition = 0; partition < PARTITIONS; partition++) give(partition)
  const isOver = () => store.offsets.every(({ next }) => next >= RECORDS - 1)
  for (let step = 0; step < 20_000 && !isOver(); step++) {
    const partition = random(PARTITIONS)
    if (random(150) === 0 && step < 10_000) give(partition)
    if (random(30) === 0) late.shift()?.lose()
    owners[partition]?.assignment.step(random, bad)
    if (late.length > 0) late[random(late.length)]?.step(random, bad)
    t.mock.timers.tick(random(3) === 0 ? 2_000 : 1)
    await turnOfLoop()
  }
  for (const process of processes) process.close()
  const good = ids.filter((id) => !bad.has(id))
  assert.ok(isOver(), `seed ${seed}: it does not end`)
  assert.equal(store.wentBack, 0, `seed ${seed}: an offset went back`)
  assert.deepEqual(store.rows.toSorted(), good.toSorted(), `seed ${seed}: rows`)
  assert.deepEqual(store.letters.toSorted(), [...bad].toSorted(), `seed ${seed}: letters`)
  return { rows: store.rows.length, doubts: store.doubts, fenced: store.fenced, claims }
}

test('in any order of claims, lost answers, failures and late owners, each row is there once and no offset is ahead', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const total = { rows: 0, doubts: 0, fenced: 0, claims: 0 }
  for (let seed = 1; seed <= 40; seed++) {
    const figures = await play(seed, t)
    for (const key of Object.keys(total) as Array<keyof typeof total>) total[key] += figures[key]
  }
  t.diagnostic(JSON.stringify(total))
  assert.ok(total.doubts > 100 && total.fenced > 40, JSON.stringify(total))
})
