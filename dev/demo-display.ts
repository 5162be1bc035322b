import type { App } from '../src/app.ts'
import { formatBytes, formatCount } from '../src/cli/format.ts'
import type { TerminalStream } from '../src/cli/io.ts'
import type { Meters } from '../src/observe/types.ts'

const LIVE_INTERVAL = 500
const LOG_INTERVAL = 5_000

/** What the service does, live: one line drawn anew on a terminal, elsewhere a line now and then. */
export function createDisplay(
  stream: TerminalStream,
  app: App,
  meters: Meters,
  topic: string,
): { end(): void } {
  const live = stream.isTTY === true
  const meter = meters.topic(topic)
  let before = { at: performance.now(), records: meter.records }

  function draw(): void {
    const at = performance.now()
    const rate = ((meter.records - before.records) / (at - before.at)) * 1000
    before = { at, records: meter.records }
    const failed = [...meter.failedRecords.values()].reduce((sum, count) => sum + count, 0)
    const { partitions, members } = app.status()
    const lag = partitions.reduce((sum, partition) => sum + (partition.lag ?? 0), 0)
    const waiting = members.find(({ reason }) => reason !== null)?.reason
    const line =
      waiting ??
      [
        `${formatCount(rate)} records/s`,
        `lag ${formatCount(lag)}`,
        `decoded ${formatCount(meter.handled)}`,
        `events ${formatCount(meter.events)}`,
        `duplicates ${formatCount(meter.duplicates)}`,
        `dead ${formatCount(failed)}`,
        formatBytes(process.memoryUsage.rss()),
      ].join('   ')
    stream.write(live ? `\r\x1b[K${line.slice(0, (stream.columns ?? 80) - 1)}` : `${line}\n`)
  }

  const timer = setInterval(draw, live ? LIVE_INTERVAL : LOG_INTERVAL)
  return {
    end() {
      clearInterval(timer)
      if (live) stream.write('\n')
    },
  }
}
