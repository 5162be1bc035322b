import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { OffsetRange, OffsetToCommit } from '../../../src/broker/types.ts'
import {
  type CommitOptions,
  type CommitTarget,
  type Committable,
  createCommitter,
} from '../../../src/commit/committer.ts'
import { OccError } from '../../../src/kernel/errors.ts'
import { type Log, silentLog } from '../../../src/kernel/log.ts'

interface Progress extends Committable {
  committable: number
  gapChanges: number
  gaps: readonly OffsetRange[]
}

/** A broker that takes commits one by one, when told to. */
class Broker {
  readonly requests: Array<readonly OffsetToCommit[]> = []
  readonly #answers: Array<{ resolve: () => void; reject: (error: Error) => void }> = []
  atOnce = true
  underWay = 0
  mostUnderWay = 0

  readonly member: CommitTarget = {
    commit: async (offsets) => {
      this.requests.push(offsets)
      this.underWay += 1
      this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay)
      try {
        if (!this.atOnce) {
          await new Promise<void>((resolve, reject) => this.#answers.push({ resolve, reject }))
        }
      } finally {
        this.underWay -= 1
      }
    },
  }

  /** Of each request, the offset of the first partition. */
  get offsets(): Array<number | undefined> {
    return this.requests.map(([first]) => first?.offset)
  }

  async answer(error?: Error): Promise<void> {
    const waiting = this.#answers.shift()
    assert.ok(waiting, 'no commit is under way')
    if (error === undefined) waiting.resolve()
    else waiting.reject(error)
    await settled()
  }
}

export const FENCED = new OccError('OCC_COMMIT_FENCED', 'the group has moved on')
export const FAILED = new OccError('OCC_COMMIT_FAILED', 'the coordinator is away', {
  retriable: true,
})

/** Lets everything that can continue without time or the broker continue. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

export function setUp(t: TestContext, options: Partial<CommitOptions> = {}, log: Log = silentLog) {
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] })
  const broker = new Broker()
  const results: string[] = []
  const partition: Progress = partitionAt(0, 100)
  const other: Progress = partitionAt(1, 500)
  const committer = createCommitter(
    broker.member,
    { mode: 'interval', interval: 1_000, everyRecords: 10, ...options },
    { committed: (result) => results.push(result) },
    log,
  )
  committer.add([partition, other])
  t.after(() => committer.close())
  const tick = async (milliseconds: number) => {
    t.mock.timers.tick(milliseconds)
    await settled()
  }
  return { broker, committer, partition, other, results, tick }
}

function partitionAt(partition: number, offset: number): Progress {
  return {
    topic: 'a',
    partition,
    metadata: `m${partition}`,
    committable: offset,
    committed: offset,
    gapChanges: 0,
    gaps: [],
    finishedAbove() {
      return this.gaps
    },
  }
}
