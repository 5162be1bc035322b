import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { DueRecords } from '../../../../src/flow/parked/due-records.ts'
import type { DueStore } from '../../../../src/flow/parked/types.ts'
import type { OpenedPartition } from '../../../../src/flow/types.ts'
import type { RecordWriter } from '../../../../src/handle/write/write-round.ts'
import { CodedError } from '../../../../src/kernel/errors.ts'
import { later, OK, type Outcome, retry } from '../../../../src/kernel/shapes/outcome.ts'
import type { HeldBack } from '../../../../src/kernel/shapes/parked.ts'
import { createMeters } from '../../../../src/observe/meters/meters.ts'
import type { ClaimedRecord } from '../../../../src/sink/postgres/parked/types.ts'
import { createCapturedLog } from '../../../support/captured-log.ts'
import { recordAt, TOPIC, turns, until } from '../harness/harness.ts'

const FENCED = new CodedError('OCC_PARKED_FENCED', 'taken over', { retriable: true })
const AWAY = new CodedError('OCC_HANDLER', 'away', { retriable: true })

/** A store with these offsets, all due; it notes what becomes of them. */
class Store implements DueStore {
  readonly due: number[]
  readonly done: string[] = []
  readonly asked: number[] = []
  /** Problems of the next writes. */
  readonly problems: CodedError[] = []
  own: (claimed: ClaimedRecord) => boolean = () => true
  heldBack: HeldBack | null = null
  waits: Promise<void> = Promise.resolve()
  holds = false

  constructor(count: number) {
    this.due = Array.from({ length: count }, (_, offset) => offset)
  }

  async claim(most: number, heldBack: HeldBack) {
    this.asked.push(most)
    this.heldBack = heldBack
    await this.waits
    return this.due.splice(0, most).map((offset): ClaimedRecord => {
      const due = { handler: 'h', isReplay: false, times: 1, since: 0 }
      const record = recordAt(0, offset)
      return { id: String(offset), claim: '1', record, attempts: 0, holds: this.holds, due }
    })
  }

  async renew(all: readonly ClaimedRecord[]) {
    return new Set(all.filter(this.own).map(({ id }) => id))
  }

  release = async ({ id }: ClaimedRecord) => void this.done.push(`released ${id}`)
  end = (claimed: ClaimedRecord) => this.#write(`ended ${claimed.id}`)
  again: DueStore['again'] = ({ id }, { after }) => this.#write(`again ${id} in ${after}`)
  letter: DueStore['letter'] = ({ id }) => this.#write(`letter ${id}`)
  writer: DueStore['writer'] = () => null
  count = async () => ({ records: this.due.length, due: this.due.length, nextDueAt: null })

  async #write(what: string): Promise<void> {
    const problem = this.problems.shift()
    if (problem !== undefined) throw problem
    this.done.push(what)
  }
}

type Handle = (offset: number, signal: AbortSignal) => Outcome | Promise<Outcome>

function setUp(
  t: TestContext,
  store: Store,
  handle: Handle,
  {
    lease = 60_000,
    poll = 20,
    stuckAfter,
    now = () => 0,
  }: { lease?: number; poll?: number; stuckAfter?: number; now?: () => number } = {},
) {
  const meters = createMeters()
  const opened: OpenedPartition[] = []
  const writers: Array<RecordWriter | null> = []
  const log = createCapturedLog()
  const options = { concurrency: 3, poll, lease, attempts: 2, backoff: 500, maxBackoff: 900 }
  const held: HeldBack = { topics: [], partitions: [], handlers: ['down'] }
  const due = new DueRecords(options, {
    store,
    openProcessor(partition, writer) {
      opened.push(partition)
      writers.push(writer)
      return { process: ({ offset }, signal) => handle(offset, signal), stuckAfter }
    },
    heldBack: () => held,
    ...{ meters, log, now },
  })
  due.start()
  t.after(() => due.stop(0))
  return { due, opened, writers, log, attempts: meters.topic(TOPIC).parkedAttempts }
}

test('while the database is away, the count says how old it is', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const store = new Store(0)
  let time = 5_000
  const { due, log } = setUp(t, store, () => OK, { now: () => time })
  assert.equal(due.status, null)
  await until(() => due.status !== null, 'the first count')
  const counted = { records: 0, due: 0, nextDueAt: null, countedAt: 5_000 }
  assert.deepEqual(due.status, counted)
  const { count } = store
  store.count = () => Promise.reject(AWAY)
  time = 15_000
  t.mock.timers.tick(10_000)
  await until(() => log.lines.length === 1, 'the failure')
  assert.deepEqual(due.status, counted)
  store.count = count
  t.mock.timers.tick(10_000)
  await until(() => due.status?.countedAt === 15_000, 'the next count')
})

test('a record that was ended with what its handlers emitted is not ended again', async (t) => {
  const store = new Store(1)
  store.writer = ({ id }) => ({ write: async () => void store.done.push(`written ${id}`) })
  // As a worker thread, whose outcome does not say what was written.
  const { writers, attempts } = setUp(t, store, async () => {
    await writers[0]?.write([], [])
    return OK
  })
  await until(() => attempts.ok === 1, 'it')
  assert.deepEqual(store.done, ['written 0'])
})

test('all that is due is handled, never more at once than allowed, each as the parked record it is', async (t) => {
  const store = new Store(20)
  let running = 0
  let most = 0
  const { opened, attempts } = setUp(t, store, async (offset) => {
    most = Math.max(most, ++running)
    await turns()
    running -= 1
    return offset === 3 ? later(70, 'not yet', 'h') : OK
  })
  await until(() => store.done.length === 20, 'all of them')
  assert.equal(most, 3)
  assert.equal(Math.max(...store.asked), 3)
  assert.ok(store.done.includes('again 3 in 70') && store.done.includes('ended 19'))
  assert.deepEqual(opened[0]?.parked, { handler: 'h', isReplay: false, times: 1, since: 0 })
  assert.deepEqual({ ok: attempts.ok, again: attempts.again }, { ok: 19, again: 1 })
  assert.deepEqual(store.heldBack?.handlers, ['down'])
})

test('what becomes of a record is written until it is, unless another process has it', async (t) => {
  const store = new Store(2)
  store.problems.push(AWAY, FENCED)
  const { attempts } = setUp(t, store, (offset) => (offset === 0 ? OK : retry(AWAY, 'h')))
  await until(() => attempts.ok + attempts.lost === 2, 'both')
  assert.deepEqual([store.done, attempts.lost], [['ended 0'], 1])
})

test('a failure of a handler that is known to be down is not counted', async (t) => {
  const store = new Store(1)
  const { attempts } = setUp(t, store, () => ({ ...retry(AWAY, 'down'), after: 800 }))
  await until(() => attempts.again === 1, 'it to be parked again')
  assert.deepEqual(store.done, ['again 0 in 800'])
})

test('a call whose record another process has taken is aborted, and what it answers does not count', async (t) => {
  const store = new Store(1)
  store.own = () => false
  const handle: Handle = (_, signal) =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve(OK)))
  const { attempts } = setUp(t, store, handle, { lease: 60 })
  const { promise, resolve } = Promise.withResolvers<void>()
  const watched = setInterval(
    () => store.asked.at(-1) === 3 && store.asked.length > 4 && resolve(),
    5,
  )
  await promise
  clearInterval(watched)
  assert.deepEqual([store.done, attempts.ok], [[], 0])
})

test('if this process claims a record once more after its lease, the earlier call is aborted', async (t) => {
  const store = new Store(1)
  const signals: AbortSignal[] = []
  const { attempts } = setUp(t, store, (_, signal) => {
    signals.push(signal)
    if (signals.length > 1) return OK
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(OK)))
  })
  await until(() => signals.length === 1, 'the first call')
  store.due.push(0)
  await until(() => attempts.ok === 1, 'the second call')
  await turns()
  assert.equal(signals[0]?.aborted, true)
  assert.deepEqual([store.done, attempts.ok], [['ended 0'], 1])
})

test('a stop waits for what is being handled, and gives back what came too late', async (t) => {
  const store = new Store(1)
  const answer = Promise.withResolvers<Outcome>()
  const { due } = setUp(t, store, () => answer.promise)
  await until(() => store.due.length === 0, 'the claim')
  store.due.push(7)
  const claimed = Promise.withResolvers<void>()
  store.waits = claimed.promise
  const before = store.asked.length
  await until(() => store.asked.length > before, 'another claim')
  const stopped = due.stop(10_000)
  claimed.resolve()
  await until(() => store.done.length === 1, 'the release')
  answer.resolve(OK)
  await stopped
  assert.deepEqual(store.done, ['released 7', 'ended 0'])
})

test('a stop does not wait longer than its deadline for a database that does not answer', async (t) => {
  const store = new Store(1)
  const answer = Promise.withResolvers<void>()
  store.waits = answer.promise
  const { due } = setUp(t, store, () => OK)
  await until(() => store.asked.length === 1, 'the claim')
  let isStopped = false
  const stopped = due.stop(10).then(() => {
    isStopped = true
  })
  try {
    await until(() => isStopped, 'the stop')
  } finally {
    answer.resolve()
    await stopped
  }
  // What it claimed after all is given back.
  await until(() => store.done.length === 1, 'the release')
  assert.deepEqual(store.done, ['released 0'])
})

test('calls that hang keep their records, but give their places to others, as many as there are', async (t) => {
  const store = new Store(9)
  const handed: number[] = []
  const { log } = setUp(
    t,
    store,
    (offset) => {
      handed.push(offset)
      return new Promise(() => {})
    },
    { lease: 30, stuckAfter: 0 },
  )
  await until(() => log.lines.length === 6, 'all of them to be reported')
  await turns()
  assert.deepEqual([handed, store.done], [[0, 1, 2, 3, 4, 5], []])
  assert.deepEqual(new Set(log.lines.map(({ fields }) => fields.event)), new Set(['record.stuck']))
})

test('when a record that holds its key has ended, the one behind it does not wait for the next look', async (t) => {
  const store = new Store(1)
  store.holds = true
  setUp(
    t,
    store,
    (offset) => {
      // It is due as soon as the one before it is gone.
      if (offset < 5) store.due.push(offset + 1)
      return OK
    },
    { poll: 3_600_000 },
  )
  await until(() => store.done.length === 6, 'all of the key')
})

test('looking for records that are due leaves no timers behind', async (t) => {
  const store = new Store(100)
  setUp(t, store, () => OK, { poll: 300_000 })
  await until(() => store.done.length === 100, 'all records')
  const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout')
  assert.ok(timers.length < 20, `${timers.length} timers`)
})
