import type { GroupReader, GroupReading } from '../broker/group-state/reader.ts'
import { type OccError, toOccError } from '../kernel/errors.ts'
import { sleep, withDeadline } from '../kernel/lifecycle.ts'
import type { Log } from '../kernel/log.ts'
import type { Clock } from '../kernel/time/clock.ts'
import { groupLag, type LagRules, topicProgress } from './lag.ts'
import { createGroupRates } from './rates.ts'
import type { GroupProgress } from './types.ts'

export interface GroupProgressOptions extends LagRules {
  /** Milliseconds between two readings. */
  readonly interval: number
  /** Milliseconds over which rates are averaged. */
  readonly window: number
}

export interface GroupProgressEvents {
  /** There is a new reading. */
  updated(progress: GroupProgress): void
  failed(error: OccError): void
}

export interface GroupProgressReader {
  /** The newest reading, of any age; null before the first. */
  progress(): GroupProgress | null
  /** Why the last reading failed; null if it succeeded. */
  problem(): string | null
  start(): void
  /** Takes at most a second; a reading that hangs is abandoned. */
  stop(): Promise<void>
}

/**
 * Pause between attempts before the first reading: shorter, so that an autoscaler need not wait.
 */
const FIRST_PAUSE = 1_000
const STOP_DEADLINE = 1_000

/**
 * Reads the whole group's offsets at an interval. On errors the last value stays, and its age
 * shows; errors never end the service.
 */
export function createGroupProgress(
  reader: GroupReader,
  options: GroupProgressOptions,
  events: GroupProgressEvents,
  clock: Clock,
  log: Log,
): GroupProgressReader {
  const stopping = new AbortController()
  const rates = createGroupRates(options.window)
  let latest: GroupProgress | null = null
  let problem: string | null = null
  let ended: Promise<void> = Promise.resolve()

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        take(await reader.read())
      } catch (error) {
        if (stopping.signal.aborted) break
        fail(toOccError(error, 'OCC_BROKER', { retriable: true }))
      }
      const pause = latest === null ? Math.min(FIRST_PAUSE, options.interval) : options.interval
      await sleep(pause, stopping.signal)
    }
  }

  function take({ offsets, members, retention }: GroupReading): void {
    problem = offsets.length === 0 ? 'none of the topics exists on the brokers' : null
    if (offsets.length === 0) return
    const topics = topicProgress(offsets, options)
    latest = {
      at: clock.now(),
      partitions: offsets.length,
      partitionsByTopic: countByTopic(offsets),
      topics,
      lag: groupLag(topics),
      ...rates.add(offsets, clock.monotonic()),
      members: members?.count ?? null,
      idleMembers: members?.idle ?? null,
      retentionByTopic: retention,
    }
    events.updated(latest)
  }

  function fail(error: OccError): void {
    // Members log broker problems too, so it is logged only once here.
    if (problem !== error.message) {
      log.debug({ event: 'group.unreadable', code: error.code }, error.message)
    }
    problem = error.message
    events.failed(error)
  }

  return {
    progress: () => latest,
    problem: () => problem,
    start() {
      ended = run()
    },
    async stop() {
      stopping.abort()
      const closed = reader.close().then(() => ended)
      await withDeadline(closed, STOP_DEADLINE, 'Reading the group').catch(() => {})
    },
  }
}

function countByTopic(offsets: GroupReading['offsets']): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { topic } of offsets) counts[topic] = (counts[topic] ?? 0) + 1
  return counts
}
