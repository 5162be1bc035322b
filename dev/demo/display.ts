import type { App } from '../../src/app/create-app.ts'
import type { TerminalStream } from '../../src/cli/terminal/io.ts'
import { formatBytes, formatCount } from '../../src/kernel/text/figures.ts'
import type { HistogramSnapshot, Meters } from '../../src/observe/types.ts'

const LIVE_INTERVAL = 500
const LOG_INTERVAL = 5_000

export interface LiveLine {
  /** Milliseconds between two lines. */
  readonly interval: number
  /** Replaces the previous line on a terminal; elsewhere prints a new line. */
  show(line: string): void
  /** Prints a line that stays, in the place of the drawn one. */
  say(text: string): void
  end(): void
}

export function createLiveLine(stream: TerminalStream): LiveLine {
  const isLive = stream.isTTY === true
  const erase = isLive ? '\r\x1b[K' : ''
  return {
    interval: isLive ? LIVE_INTERVAL : LOG_INTERVAL,
    show(line) {
      stream.write(isLive ? `${erase}${line.slice(0, (stream.columns ?? 80) - 1)}` : `${line}\n`)
    },
    say(text) {
      stream.write(`${erase}${text}\n`)
    },
    end() {
      if (isLive) stream.write('\n')
    },
  }
}

/** Shows the service now and then: rates since the previous line, and totals. */
export function createDisplay(
  line: LiveLine,
  app: App,
  meters: Meters,
  topic: string,
): { end(): void } {
  const meter = meters.topic(topic)
  const look = () => ({
    at: performance.now(),
    records: meter.records,
    bytes: meter.bytes,
    latency: meter.endToEndSeconds.snapshot(),
  })
  let before = look()

  function draw(): void {
    const now = look()
    const seconds = (now.at - before.at) / 1000
    const { partitions, members } = app.status()
    const waiting = members.find(({ reason }) => reason !== null)?.reason
    const known = partitions.flatMap(({ lag }) => (lag === null ? [] : [lag]))
    const lag = known.length === 0 ? null : known.reduce((sum, each) => sum + each, 0)
    const dead = [...meter.failedRecords.values()].reduce((sum, count) => sum + count, 0)
    const p99 = quantile(before.latency, now.latency, 0.99)
    line.show(
      waiting ??
        [
          `${formatCount((now.records - before.records) / seconds)} records/s`,
          `${((now.bytes - before.bytes) / seconds / 1e6).toFixed(1)} MB/s`,
          `p99 ${p99 === null ? '-' : `${Math.ceil(p99 * 1000)} ms`}`,
          `lag ${lag === null ? '-' : formatCount(lag)}`,
          `handled ${formatCount(meter.handled)}`,
          `events ${formatCount(meter.events)}`,
          `left out ${formatCount(meter.skipped)}`,
          `dead ${formatCount(dead)}`,
          formatBytes(process.memoryUsage.rss()),
        ].join('  '),
    )
    before = now
  }

  const timer = setInterval(draw, line.interval)
  return {
    end() {
      clearInterval(timer)
      line.end()
    },
  }
}

/**
 * The quantile of the observations between two snapshots: the upper bound of its bucket, in
 * seconds. null: there were no observations, or it is beyond the last bound.
 */
export function quantile(
  before: HistogramSnapshot,
  after: HistogramSnapshot,
  share: number,
): number | null {
  const count = after.count - before.count
  if (count === 0) return null
  const index = after.cumulative.findIndex(
    (sum, bucket) => sum - (before.cumulative[bucket] ?? 0) >= share * count,
  )
  return after.bounds[index] ?? null
}
