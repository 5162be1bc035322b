import type { Claim, OffsetRange, OffsetToCommit } from '../broker/types.ts'
import type { Config } from '../config/types.ts'
import { codeOf, messageOf } from '../kernel/errors.ts'
import { withDeadline } from '../kernel/lifecycle.ts'
import type { Log } from '../kernel/log.ts'
import { Repeats } from '../kernel/time/repeats.ts'

/**
 * - `interval`: on a timer and after a number of finished records, independent of handling (the
 *   default);
 * - `batch`: when all records of a fetched batch are finished;
 * - `record`: after each record, before the next of its partition is handled.
 */
export type CommitMode = CommitOptions['mode']

/**
 * In all modes, a failed commit is retried after `interval` (milliseconds).
 */
export type CommitOptions = Config['commit']

/** A partition whose progress can be committed. */
export interface Committable {
  readonly topic: string
  readonly partition: number
  readonly metadata: string
  /** Of the assignment; absent: offsets are kept in Kafka alone. */
  readonly claim?: Claim | undefined
  /** See OffsetTracker.committable. */
  readonly committable: number
  /** See OffsetTracker.gapChanges. */
  readonly gapChanges: number
  /** See OffsetTracker.finishedAbove. */
  finishedAbove(): readonly OffsetRange[]
  /** The offset that the broker has; updated by the committer. */
  committed: number
}

export interface CommitMeter {
  committed(result: 'ok' | 'failed' | 'fenced', seconds: number): void
}

/** Commits for one member and all its partitions. One commit is in flight at a time. */
export interface Committer {
  /** Commits these partitions too from now on. */
  add(partitions: readonly Committable[]): void
  /** Stops committing these partitions. */
  remove(partitions: readonly Committable[]): void
  /**
   * The same for one partition. Resolves when no commit of it is in flight: what is committed of it
   * next, by somebody else, is the last word.
   */
  release(partition: Committable): Promise<void>
  /** Records were finished. May start a commit, but never waits for it. */
  finished(records: number): void
  /**
   * Commits what is committable now, after the commit in flight. Resolves with true when the broker
   * has it.
   */
  flush(): Promise<boolean>
  /** Flushes before partitions are removed. Never rejects. @param deadline milliseconds */
  settle(deadline: number): Promise<void>
  /** Stops committing. */
  close(): void
}

/** Sends commits to the broker. */
export interface CommitTarget {
  /** Rejects with OCC_COMMIT_FENCED if the membership is over. */
  commit(offsets: readonly OffsetToCommit[]): Promise<void>
}

const REFUSED = Promise.resolve(false)
/** Lines a minute about commits that fail. With mode `record` each record is a commit. */
const MAX_LINES = 10

export function createCommitter(
  target: CommitTarget,
  options: CommitOptions,
  meter: CommitMeter,
  log: Log,
): Committer {
  const partitions = new Set<Committable>()
  let underWay: Promise<boolean> = Promise.resolve(true)
  let waiting: Promise<boolean> | null = null
  let sinceCommit = 0
  let open = true
  /** The last commit was fenced: there is no point in retrying before the next interval. */
  let fenced = false
  /** `gapChanges` of each partition at its last commit. */
  const gapsCommitted = new WeakMap<Committable, number>()
  /** The next commit covers everything: the timer fired, or partitions are removed. */
  let all = false
  const repeats = new Repeats(MAX_LINES)
  const timer = setInterval(() => void flushAll(), options.interval)

  /** Calls during a commit share the next one, which includes what they finished. */
  function flush(): Promise<boolean> {
    return fenced && !all ? REFUSED : enqueue()
  }

  function enqueue(): Promise<boolean> {
    waiting ??= underWay.then(() => {
      waiting = null
      underWay = commit()
      return underWay
    })
    return waiting
  }

  /**
   * Also commits partitions where only records above the committable offset finished. Too costly
   * per record.
   */
  function flushAll(): Promise<boolean> {
    all = true
    return enqueue()
  }

  function isDue(partition: Committable): boolean {
    // It may be lower than the committed offset if the topic was recreated; it must be committed
    // too, or a restart after a crash would skip records.
    if (partition.committable !== partition.committed) return true
    return all && partition.gapChanges !== (gapsCommitted.get(partition) ?? 0)
  }

  async function commit(): Promise<boolean> {
    if (!open || (fenced && !all)) return false
    sinceCommit = 0
    const due = [...partitions].filter(isDue)
    all = false
    fenced = false
    const gapChanges = due.map((partition) => partition.gapChanges)
    const offsets = due.map(toOffset)
    if (offsets.length === 0) return true
    const started = performance.now()
    const seconds = () => (performance.now() - started) / 1000
    try {
      await target.commit(offsets)
    } catch (error) {
      // The member reports lost partitions; the others are committed under its next generation.
      fenced = codeOf(error) === 'OCC_COMMIT_FENCED'
      meter.committed(fenced ? 'fenced' : 'failed', seconds())
      const event = fenced ? 'commit.fenced' : 'commit.failed'
      repeats.say(event, performance.now(), (again) => {
        log.warn({ event }, `${messageOf(error)}${again}`)
      })
      return false
    }
    meter.committed('ok', seconds())
    for (const [index, partition] of due.entries()) {
      partition.committed = offsets[index]?.offset ?? partition.committed
      gapsCommitted.set(partition, gapChanges[index] ?? 0)
    }
    return true
  }

  return {
    add(added) {
      for (const partition of added) partitions.add(partition)
    },
    remove(removed) {
      for (const partition of removed) partitions.delete(partition)
    },
    async release(partition) {
      partitions.delete(partition)
      await underWay
    },
    finished(records) {
      sinceCommit += records
      if (options.mode === 'interval' && sinceCommit >= options.everyRecords) void flush()
    },
    flush,
    async settle(deadline) {
      try {
        await withDeadline(flushAll(), deadline, 'The last commit')
      } catch (error) {
        log.warn({ event: 'commit.late' }, messageOf(error))
      }
    },
    close() {
      open = false
      clearInterval(timer)
    },
  }
}

function toOffset(partition: Committable): OffsetToCommit {
  const { topic, committable, metadata, claim } = partition
  const finished = partition.finishedAbove()
  return {
    topic,
    partition: partition.partition,
    offset: committable,
    metadata,
    finished,
    ...(claim && { claim }),
  }
}
