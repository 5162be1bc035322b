import { formatBytes, formatCount, formatDuration } from '../kernel/text/figures.ts'
import { systemClock } from '../kernel/time/clock.ts'
import type { TerminalStream } from './terminal/io.ts'

export interface ProgressBar {
  /** Sets the total progress so far; redraws if enough time has passed. */
  update(done: number, bytes?: number): void
  /** Draws the last state and ends the line. */
  finish(): void
}

export interface ProgressOptions {
  readonly label: string
  /** If absent or infinite, neither a bar nor the remaining time is shown. */
  readonly total?: number | undefined
  readonly clock?: { monotonic(): number } | undefined
  /** Milliseconds between redraws. Default: 100 on a terminal, else 5000. */
  readonly interval?: number | undefined
}

const widestBar = 24
const narrowestBar = 8
const rateMemory = 3000

/** One line, redrawn in place on a terminal; elsewhere a new line now and then, for logs. */
export function createProgressBar(stream: TerminalStream, options: ProgressOptions): ProgressBar {
  const { label, clock = systemClock } = options
  const total = Number.isFinite(options.total) ? options.total : undefined
  const live = stream.isTTY === true
  const interval = options.interval ?? (live ? 100 : 5000)
  const started = clock.monotonic()
  let drawn = { at: started, done: 0 }
  let rate = 0
  let now = { done: 0, bytes: 0 }

  function draw(at: number): void {
    const elapsed = at - drawn.at
    if (elapsed > 0) {
      const latest = ((now.done - drawn.done) / elapsed) * 1000
      // Weighted towards recent seconds; the first drawing has no history.
      const weight = drawn.at === started ? 1 : 1 - Math.exp(-elapsed / rateMemory)
      rate += (latest - rate) * weight
    }
    drawn = { at, done: now.done }
    const texts = describe(at)
    if (!live) {
      stream.write(`${[label, ...texts].join('  ')}\n`)
      return
    }
    // A line wider than the screen would wrap and could not be overwritten.
    const columns = (stream.columns ?? 80) - 1
    const room = columns - [label, ...texts].join('  ').length - 2
    const bar = total === undefined || room < narrowestBar ? [] : [drawBar(room)]
    stream.write(`\r\x1b[K${[label, ...bar, ...texts].join('  ').slice(0, columns)}`)
  }

  const part = () => (total === undefined || total === 0 ? 1 : Math.min(now.done / total, 1))

  function drawBar(room: number): string {
    const width = Math.min(room, widestBar)
    const filled = Math.round(part() * width)
    return '━'.repeat(filled) + '╌'.repeat(width - filled)
  }

  function describe(at: number): string[] {
    const parts = [`${formatCount(rate)}/s`]
    if (now.bytes > 0) parts.push(formatBytes(now.bytes))
    if (total === undefined) return [formatCount(now.done), ...parts, formatDuration(at - started)]
    const left = now.done >= total ? 0 : ((total - now.done) / rate) * 1000
    return [
      `${Math.floor(part() * 100)}%`,
      `${formatCount(now.done)}/${formatCount(total)}`,
      ...parts,
      left === 0 ? `in ${formatDuration(at - started)}` : `ETA ${formatDuration(left)}`,
    ]
  }

  return {
    update(done, bytes = 0) {
      now = { done, bytes }
      const at = clock.monotonic()
      if (at - drawn.at >= interval) draw(at)
    },
    finish() {
      draw(clock.monotonic())
      if (live) stream.write('\n')
    },
  }
}
