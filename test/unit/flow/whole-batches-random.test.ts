import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import type { RecordBatch } from '../../../src/broker/types.ts'
import type {
  BatchAnswer,
  BatchesAnswer,
  PartitionProcessor,
  RecordOrder,
} from '../../../src/flow/types.ts'
import { CodedError } from '../../../src/kernel/errors.ts'
import { dead, type Outcome, skip } from '../../../src/kernel/shapes/outcome.ts'
import type { KafkaRecord } from '../../../src/kernel/shapes/record.ts'
import { createRandom } from '../../support/random.ts'
import { again, assign, createFlow, turns, until } from './harness/harness.ts'
import { partsOf, wholeOf } from './harness/whole-handler.ts'

const PARTITIONS = [0, 1, 2]

/** Handles records like a worker that randomly fails, dies and is told to stop. */
class Chance implements PartitionProcessor {
  readonly handlers = ['h']
  readonly batches = { records: 12, bytes: 1_000_000, most: 8 }
  /** Finished offsets, in the order in which they finished. */
  readonly finished: number[] = []
  readonly letters = new Set<number>()
  readonly #random: (below: number) => number
  readonly #attempts = new Map<number, number>()
  wholeBatches = 0
  #isHalted = false

  constructor(random: (below: number) => number) {
    this.#random = random
  }

  process({ offset }: KafkaRecord): Promise<Outcome> {
    return turns(this.#random(3)).then(() => this.#attempt(offset))
  }

  async processBatches(
    batches: readonly RecordBatch[],
    signal: AbortSignal,
    ordered: boolean,
  ): Promise<BatchesAnswer> {
    this.wholeBatches += 1
    const answers: BatchAnswer[] = []
    let isOver = false
    let isDead = false
    for (const batch of batches) {
      const own: Array<Outcome | 'untouched'> = []
      for (const { offset } of batch.read()) {
        if (this.#random(4) === 0) await turns(1)
        isDead ||= this.#random(60) === 0
        const isStopped: boolean = isOver || isDead || this.#isHalted || signal.aborted
        const outcome: Outcome | 'untouched' = isStopped ? 'untouched' : this.#attempt(offset)
        isOver ||= ordered && outcome !== 'untouched' && outcome.kind === 'retry'
        own.push(outcome)
      }
      answers.push(answerOf(batch, own))
    }
    const none = { counts: [], sum: 0 }
    const times = isDead ? null : { handle: none, endToEnd: none }
    return { batches: answers, succeeded: [['h']], times }
  }

  halt(): void {
    this.#isHalted = true
  }

  #attempt(offset: number): Outcome {
    const attempts = (this.#attempts.get(offset) ?? 0) + 1
    this.#attempts.set(offset, attempts)
    const kind = (offset * 7919) % 23
    if (kind < 3 && attempts <= kind) return again('h')
    this.finished.push(offset)
    if (kind === 5) {
      this.letters.add(offset)
      return dead(new CodedError('OCC_TEST', 'bad'))
    }
    return kind === 6 ? skip('rule') : { kind: 'ok', handlers: ['h'] }
  }
}

function answerOf(batch: RecordBatch, answers: ReadonlyArray<Outcome | 'untouched'>): BatchAnswer {
  const isOf = (kind: string) => (answer: Outcome | 'untouched') =>
    answer !== 'untouched' && answer.kind === kind
  const handled = answers.filter(isOf('ok')).length
  const skipped = answers.filter(isOf('skip')).length
  const records = answers.length
  if (answers.every((answer) => answer === 'untouched')) return { kind: 'untouched' }
  if (handled + skipped < records) return partsOf(batch, answers)
  return { kind: 'done', records, bytes: records, handled, skipped, lastTimestamp: 1 }
}

async function play(t: TestContext, seed: number, order: RecordOrder): Promise<number> {
  const random = createRandom(seed)
  const processors = PARTITIONS.map(() => new Chance(random))
  const { listener, engine, meters, letters } = createFlow(t, {
    options: { order, retry: { attempts: 4, backoff: 0, maxBackoff: 0 }, concurrency: 3 },
    openProcessor: ({ partition }) => processors[partition] ?? assert.fail(),
  })
  const assignment = assign(PARTITIONS)
  listener.assigned(assignment)
  const ends = PARTITIONS.map(() => 0)
  for (let step = 0; step < 25; step++) {
    const partition = random(PARTITIONS.length)
    const from = ends[partition] ?? 0
    const count = 1 + random(9)
    ends[partition] = from + count
    listener.batch(wholeOf(partition, from, count))
    if (random(3) === 0) await turns(random(6))
  }
  const isEarly = random(4) === 0
  const total = ends.reduce((sum, end) => sum + end, 0)
  const topic = meters.topic('transfers')
  const counted = () => topic.handled + topic.skipped + letters.length
  if (!isEarly) {
    await until(() => counted() === total, `${counted()} of ${total} (seed ${seed}, ${order})`)
  }
  await engine.drain(5_000)
  for (const partition of PARTITIONS) {
    const { finished } = processors[partition] ?? assert.fail()
    const what = `seed ${seed}, order ${order}, partition ${partition}`
    assert.equal(new Set(finished).size, finished.length, `${what}: nothing is finished twice`)
    const ascending = finished.toSorted((one, other) => one - other)
    if (order === 'partition') assert.deepEqual(finished, ascending, `${what}: in order`)
    const committed = assignment.committed(partition) ?? 0
    const missing = Array.from({ length: committed }, (_, offset) => offset).filter(
      (offset) => !finished.includes(offset),
    )
    assert.deepEqual(missing, [], `${what}: all below the committed offset is finished`)
    // What the processor has finished is not forgotten.
    const above = assignment.commits
      .flat()
      .filter((commit) => commit.partition === partition)
      .at(-1)
    const known = finished.filter(
      (offset) =>
        offset < committed ||
        (above?.finished ?? []).some(({ from, to }) => from <= offset && offset < to),
    )
    assert.equal(known.length, finished.length, `${what}: all that is finished is committed`)
    if (!isEarly) assert.equal(committed, ends[partition], what)
  }
  const finished = processors.reduce((sum, { finished }) => sum + finished.length, 0)
  assert.equal(counted(), finished, `seed ${seed}: each is counted once`)
  assert.equal(engine.load().bufferedBytes, 0)
  assert.equal(engine.load().inFlight, 0)
  if (!isEarly) assert.equal(topic.records, total)
  return processors.reduce((sum, { wholeBatches }) => sum + wholeBatches, 0)
}

for (const order of ['partition', 'none'] as const) {
  test(`order ${order}: whatever fails, dies or is stopped, nothing is lost, reordered or done twice`, async (t) => {
    let wholeBatches = 0
    for (let seed = 1; seed <= 60; seed++) wholeBatches += await play(t, seed, order)
    assert.ok(wholeBatches > 300, `${wholeBatches} pieces`)
  })
}
