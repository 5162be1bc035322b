import type { Log } from '../kernel/log.ts'
import type { Clock } from '../kernel/time/clock.ts'
import type { Meters, PartitionStatus, StatusSource } from '../observe/types.ts'

export interface ProgressLogParts {
  readonly meters: Meters
  readonly status: StatusSource
  readonly clock: Clock
  readonly log: Log
  /** Milliseconds between two looks, and between two lines. Default: 1 s and 30 s. */
  readonly lookEvery?: number
  readonly lineEvery?: number
}

/** Tells in the log how far the service is, for whoever reads it without a dashboard. */
export interface ProgressLog {
  start(): void
  stop(): void
  /** All that was done since the start, as the fields and the text of the last line. */
  totals(): { readonly fields: Readonly<Record<string, number | null>>; readonly text: string }
}

const count = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const decimal = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 })

export function createProgressLog(parts: ProgressLogParts): ProgressLog {
  const { meters, status, clock, log, lookEvery = 1_000, lineEvery = 30_000 } = parts
  const startedAt = clock.monotonic()
  let before = look()
  /** Since when it has not been caught up; null: it is. */
  let behindSince: number | null = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined

  function look() {
    const sums = { records: 0, bytes: 0, handled: 0, skipped: 0, dead: 0 }
    const groups = [meters.topics, ...meters.groups.values()]
    for (const topic of groups.flatMap((topics) => [...topics.values()])) {
      sums.records += topic.records
      sums.bytes += topic.bytes
      sums.handled += topic.handled
      sums.skipped += topic.skipped
      for (const failed of topic.failedRecords.values()) sums.dead += failed
    }
    return { ...sums, at: clock.monotonic() }
  }

  /** null while it is not known for any partition. */
  function lagOf(partitions: readonly PartitionStatus[]): number | null {
    const known = partitions.flatMap(({ lag }) => (lag === null ? [] : [lag]))
    return known.length === 0 ? null : known.reduce((sum, lag) => sum + lag, 0)
  }

  function check(): void {
    const { partitions } = status.status()
    const now = look()
    if (partitions.length === 0 || !partitions.every(({ caughtUp }) => caughtUp)) {
      behindSince ??= now.at
    } else {
      // In a stream that flows, a partition is behind for a moment again and again.
      if (behindSince !== null && now.at - behindSince >= lineEvery) caughtUp(partitions.length)
      behindSince = null
    }
    if (now.at - before.at < lineEvery) return
    line(now, partitions)
    before = now
  }

  function caughtUp(partitions: number): void {
    const { fields, text } = totals()
    log.info(
      { event: 'service.caught-up', ...fields, partitions },
      `Everything there is has been fetched (${partitions} partitions). ${text}`,
    )
  }

  function line(now: ReturnType<typeof look>, partitions: readonly PartitionStatus[]): void {
    const lag = lagOf(partitions)
    const finished = (sums: typeof now) => sums.handled + sums.skipped + sums.dead
    const done = finished(now) - finished(before)
    // An idle stream needs no line; one that stands still does.
    if (done === 0 && lag === 0) return
    const seconds = (now.at - before.at) / 1000
    const perSecond = Math.round(done / seconds)
    const bytesPerSecond = Math.round((now.bytes - before.bytes) / seconds)
    const waiting = partitions.filter(({ pausedBy }) => pausedBy !== null && pausedBy !== 'queue')
    const { handled, skipped, dead } = now
    const waits = waiting.length === 0 ? '' : `, ${waiting.length} wait (see /lag)`
    log.info(
      {
        event: 'service.progress',
        recordsPerSecond: perSecond,
        bytesPerSecond,
        lag,
        partitions: partitions.length,
        partitionsWaiting: waiting.length,
        handled,
        skipped,
        dead,
      },
      `${count.format(perSecond)} records/s, ${decimal.format(bytesPerSecond / 1e6)} MB/s, lag ${lag === null ? 'unknown' : count.format(lag)}, ${partitions.length} partitions${waits}; so far ${sumText(now)}`,
    )
  }

  function totals() {
    const { records, handled, skipped, dead, at } = look()
    const seconds = Math.round((at - startedAt) / 1000)
    return {
      fields: { records, handled, skipped, dead, seconds },
      text: `In ${count.format(seconds)} s: ${sumText({ handled, skipped, dead })}.`,
    }
  }

  return {
    start() {
      timer = setInterval(check, lookEvery)
      timer.unref()
    },
    stop: () => clearInterval(timer),
    totals,
  }
}

/** `1,234 handled, 5 skipped, 0 dead letters`. */
function sumText({
  handled,
  skipped,
  dead,
}: Record<'handled' | 'skipped' | 'dead', number>): string {
  return `${count.format(handled)} handled, ${count.format(skipped)} skipped, ${count.format(dead)} dead letters`
}
