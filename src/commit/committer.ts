import type { OffsetRange, OffsetToCommit } from '../broker/types.ts'
import { codeOf, messageOf } from '../kernel/errors.ts'
import { withDeadline } from '../kernel/lifecycle.ts'
import type { Log } from '../kernel/log.ts'

/**
 * - `interval`: on a timer and after so many finished records, beside the flow (the default);
 * - `batch`: when all records of a fetched batch are finished;
 * - `record`: after each record, before the next of its partition is handled.
 */
export type CommitMode = 'interval' | 'batch' | 'record'

export interface CommitOptions {
  readonly mode: CommitMode
  /** Milliseconds between commits of `interval`; in all modes, how soon a failed one is retried. */
  readonly interval: number
  /** `interval`: also after this many finished records. */
  readonly everyRecords: number
}

/** A partition whose progress can be committed. */
export interface Committable {
  readonly topic: string
  readonly partition: number
  readonly metadata: string
  /** See OffsetTracker.committable. */
  readonly committable: number
  /** See OffsetTracker.gapChanges. */
  readonly gapChanges: number
  /** See OffsetTracker.finishedAbove. */
  finishedAbove(): readonly OffsetRange[]
  /** What the broker knows; the committer moves it. */
  committed: number
}

export interface CommitMeter {
  committed(result: 'ok' | 'failed' | 'fenced', seconds: number): void
}

/** Commits for one member, whatever partitions it has. One commit is under way at a time. */
export interface Committer {
  /** From now on these are committed, too. */
  add(partitions: readonly Committable[]): void
  /** Nothing of these is committed any more. */
  remove(partitions: readonly Committable[]): void
  /** Records were finished: may start a commit, never waits for it. */
  finished(records: number): void
  /** Commits what is committable now, after the commit under way. True when the broker has it. */
  flush(): Promise<boolean>
  /** A flush before partitions are removed, bounded in milliseconds. Never rejects. */
  settle(deadline: number): Promise<void>
  /** Nothing is committed any more. */
  close(): void
}

/** Who has the broker's word. */
export interface CommitTarget {
  /** Rejects with OCC_COMMIT_FENCED where the membership is over. */
  commit(offsets: readonly OffsetToCommit[]): Promise<void>
}

const REFUSED = Promise.resolve(false)

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
  /** The last commit was: it is not worth asking again before the next interval. */
  let fenced = false
  /** Of each partition, its `gapChanges` at its last commit. */
  const gapsCommitted = new WeakMap<Committable, number>()
  /** The next commit is of everything, by the timer or because partitions go. */
  let all = false
  const timer = setInterval(() => void flushAll(), options.interval)

  /** Callers during a commit share the one after it, which includes what they finished. */
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

  /** Also where only records above the committable offset finished; not with every record. */
  function flushAll(): Promise<boolean> {
    all = true
    return enqueue()
  }

  function isDue(partition: Committable): boolean {
    // Lower than committed where a topic was made anew: else a crash would resume beyond its start.
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
      // What is lost by it, the member tells; the rest is committed under its next generation.
      fenced = codeOf(error) === 'OCC_COMMIT_FENCED'
      meter.committed(fenced ? 'fenced' : 'failed', seconds())
      log.warn({ event: fenced ? 'commit.fenced' : 'commit.failed' }, messageOf(error))
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
  const { topic, committable, metadata } = partition
  const finished = partition.finishedAbove()
  return { topic, partition: partition.partition, offset: committable, metadata, finished }
}
