import type { PartitionLag } from '../../http/lag.ts'
import type { PauseReport } from '../../http/pause-report.ts'
import { type PauseTarget, pauseTargetName } from '../../kernel/shapes/pause-target.ts'
import type { Condition } from '../../observe/overview/types.ts'
import { cell, countCell, tableWidth, timeCell } from '../terminal/cells.ts'
import type { Io } from '../terminal/io.ts'
import { printable } from '../terminal/printable.ts'
import { counted, formatBytes, type Painter, paint, table } from '../terminal/terminal.ts'
import type { ServiceView } from './status-reading.ts'

/** Partitions that are shown: those with the most lag. */
const MAX_PARTITIONS = 20
const MAX_TEXT = 110

const ms = (seconds: number | null | undefined) =>
  seconds === null || seconds === undefined ? null : seconds * 1000

/** No final newline. */
export function statusText(view: ServiceView, io: Io): string {
  const style = paint(io.stdout, io.env)
  const { url, ready, sentence, notes, reasons, warnings, lag } = view
  const state = ready ? style('green', 'ready') : style('red', 'not ready')
  return [
    `${style('bold', url)}  ${state}  ${lag.state}`,
    ...[sentence ?? [], notes].flat().map((each) => conditionText(each, style)),
    ...reasons.map((reason) => style('red', `  ${printable(reason, MAX_TEXT)}`)),
    ...warnings.map((warning) => style('yellow', `  ${printable(warning, MAX_TEXT)}`)),
    table([...ownRows(view), groupRow(view)].map(([name = '', text = '']) => [`  ${name}`, text])),
    ...lag.circuits.map(({ handler, topic, state: circuit }) =>
      style('yellow', `  circuit of ${printable(handler || topic || 'a handler', 60)}: ${circuit}`),
    ),
    ...(lag.pauses ?? []).map((pause) => style('yellow', `  ${pauseText(pause)}`)),
    ...view.lag.advice.map(({ text }) => `  advice: ${printable(text, 400)}`),
    ...(lag.partitions.length === 0 ? [] : ['', partitionsText(lag.partitions, style, io)]),
  ].join('\n')
}

/** `paused: the topic a, by alice, until 2026-01-31T12:00:00.000Z: the database is moved`. */
function pauseText({ by, until, reason, ...target }: PauseReport): string {
  const name = pauseTargetName(target as PauseTarget)
  const end = until === null ? 'until resume' : `until ${until}`
  const why = reason === null ? '' : `: ${reason}`
  return printable(`paused: ${name}, by ${by}, ${end}${why}`, 400)
}

const COLOURS = { ok: 'green', info: 'cyan', warning: 'yellow', critical: 'red' } as const

function conditionText({ level, text }: Condition, style: Painter): string {
  return style(COLOURS[level] ?? 'yellow', `  ${printable(text, 400)}`)
}

function ownRows({ lag, counts }: ServiceView): string[][] {
  const { totals, partitions } = lag
  const ages = partitions.map((each) => (each.lag === 0 ? 0 : each.oldestUnprocessedAgeSeconds))
  const left = partitions.flatMap(({ secondsUntilLoss }) => secondsUntilLoss ?? [])
  const age = ages.includes(null) || ages.length === 0 ? null : Math.max(...ages.map(Number))
  return [
    [
      'this service',
      `lag ${countCell(totals.lag)}, behind ${timeCell(ms(age))}, until loss ${timeCell(left.length === 0 ? null : Math.min(...left) * 1000)}, ${counted(totals.partitions, 'partition')}`,
    ],
    [
      'since its start',
      `handled ${countCell(counts.handled)}, skipped ${countCell(counts.skipped)}, retries ${countCell(counts.retries)}, dead letters ${countCell(counts.deadLetters)}, lost ${countCell(counts.lost)}`,
    ],
    [
      'now',
      `in flight ${countCell(counts.inFlight)} of ${countCell(counts.concurrency)}, buffered ${cell(counts.bufferedBytes, formatBytes)} of ${cell(counts.bufferLimit, formatBytes)}, letters waiting ${countCell(counts.lettersWaiting)}`,
    ],
  ]
}

function groupRow({ group, groupUnknown }: ServiceView): string[] {
  if (group === null) return ['the group', printable(`? (${groupUnknown})`, MAX_TEXT)]
  const { lag, members, partitions, consumeRate, produceRate, secondsToDrain, hold } = group
  // Read from the brokers once in a while (lag.interval), so it may differ from the line above.
  const { ageSeconds } = group
  const rate = (value: number | null) => cell(value, (records) => `${countCell(records)}/s`)
  return [
    'the group',
    `read ${timeCell(ms(ageSeconds))} ago: lag ${countCell(lag)}, done in ${timeCell(ms(secondsToDrain))}, ${rate(consumeRate)} of ${rate(produceRate)}, ${members === null ? '? members' : counted(members, 'member')}, ${counted(partitions, 'partition')}${hold === null ? '' : `, held: ${printable(hold, 60)}`}`,
  ]
}

const HEADER = ['Topic', 'Partition', 'Committed', 'End', 'Lag', 'Behind', 'Until loss', 'State']

function partitionsText(partitions: readonly PartitionLag[], style: Painter, io: Io): string {
  const worst = partitions.toSorted((a, b) => (b.lag ?? Infinity) - (a.lag ?? Infinity))
  const shown = new Set(worst.slice(0, MAX_PARTITIONS))
  const rows = partitions
    .filter((each) => shown.has(each))
    .map((each) => [
      printable(each.topic, 36),
      String(each.partition),
      countCell(each.committed),
      countCell(each.end),
      countCell(each.lag),
      timeCell(each.lag === 0 ? 0 : ms(each.oldestUnprocessedAgeSeconds)),
      timeCell(ms(each.secondsUntilLoss)),
      stateOf(each, style),
    ])
  const fit = { column: HEADER.length - 1, width: tableWidth(io.stdout) }
  const more = partitions.length - rows.length
  const rest =
    more > 0 ? `\n... and ${counted(more, 'more partition', 'more partitions')} with less lag` : ''
  return `${table(rows, { header: HEADER, fit })}${rest}`
}

function stateOf({ problem, pausedBy, caughtUp }: PartitionLag, style: Painter): string {
  if (problem !== null) return style('red', printable(problem.reason))
  if (pausedBy !== null) return style('yellow', `waits: ${pausedBy}`)
  return caughtUp ? style('green', 'caught up') : 'catching up'
}
