import { oldPauses } from '../../http/page/pauses.ts'
import { oldText } from '../../http/page/shown-partitions.ts'
import type { PauseReport } from '../../kernel/shapes/pause-report.ts'
import { type PauseTarget, pauseTargetName } from '../../kernel/shapes/pause-target.ts'
import type { Condition, Overview } from '../../observe/overview/types.ts'
import { sparkline } from '../terminal/blocks.ts'
import { cell, countCell, rateCell, secondsCell, tableWidth } from '../terminal/cells.ts'
import type { Io } from '../terminal/io.ts'
import { printable } from '../terminal/printable.ts'
import { broken, counted, formatBytes, type Painter, paint, table } from '../terminal/terminal.ts'
import { partitionsText } from './partitions-text.ts'
import { groupRows, handlersText, lettersText, sinksText } from './parts-text.ts'
import type { ServiceView } from './status-reading.ts'

const MAX_TEXT = 400
/** Rows of partitions: fewer where the screen is low, so that what is below them is seen. */
const [MIN_ROWS, MAX_ROWS] = [4, 20]
/** Lines of the screen without the rows of partitions, usually. */
const OTHER_LINES = 26
/** Columns of a sparkline, and of the texts beside it. */
const [SPARKLINE, BESIDE] = [30, 50]

/** As the page shows it, no wider than the terminal. No final newline. */
export function statusText(view: ServiceView, { stdout, env }: Io): string {
  const style = paint(stdout, env)
  const { url, ready, sentence, notes, reasons, warnings, lag, overview } = view
  const width = tableWidth(stdout)
  const state = ready ? style('green', 'ready') : style('red', 'not ready')
  const lines = (text: string, paintLine: (line: string) => string = (line) => line) =>
    broken(printable(text, MAX_TEXT), width - 2).map((line) => paintLine(`  ${line}`))
  const figures = [...numberRows(overview, width), ...ownRows(view), groupRow(view)]
  const rows = [...figures, ...(overview === null ? [] : groupRows(overview))]
  const sections = overview === null ? [] : sectionsOf(overview, style, width, stdout.rows)
  return [
    `${style('bold', url)}  ${state}  ${lag.state}`,
    ...[sentence ?? [], notes].flat().flatMap((each) => conditionLines(each, style, lines)),
    ...reasons.flatMap((reason) => lines(reason, (line) => style('red', line))),
    ...warnings.flatMap((warning) => lines(warning, (line) => style('yellow', line))),
    table(
      rows.map(([name = '', text = '']) => [`  ${name}`, text]),
      { fit: { column: 1, width } },
    ),
    ...(lag.pauses ?? []).flatMap((pause) =>
      lines(pauseText(pause), (line) => style('yellow', line)),
    ),
    ...(overview?.pausesAgeSeconds == null
      ? []
      : lines(`paused: ${oldPauses(overview.pausesAgeSeconds, lag.pauses?.length ?? 0)}`)),
    ...lag.advice.flatMap(({ text }) => lines(`advice: ${text}`)),
    ...sections.flatMap((section) => (section.length === 0 ? [] : ['', ...section])),
  ].join('\n')
}

function sectionsOf(
  overview: Overview,
  style: Painter,
  width: number,
  height?: number,
): string[][] {
  const isColoured = style('red', '') !== ''
  const room = height === undefined ? MAX_ROWS : height - OTHER_LINES
  const most = Math.min(MAX_ROWS, Math.max(MIN_ROWS, room))
  const options = { style, width }
  return [
    partitionsText(overview, { ...options, isColoured, most }),
    handlersText(overview, options),
    sinksText(overview, options),
    lettersText(overview, options),
  ]
}

/** `paused: the topic a, by alice, until 2026-01-31T12:00:00.000Z: the database is moved`. */
function pauseText({ by, until, reason, ...target }: PauseReport): string {
  const name = pauseTargetName(target as PauseTarget)
  const end = until === null ? 'until resume' : `until ${until}`
  const why = reason === null ? '' : `: ${reason}`
  return `paused: ${name}, by ${by}, ${end}${why}`
}

const COLOURS = { ok: 'green', info: 'cyan', warning: 'yellow', critical: 'red' } as const

/** What holds, and where to read what to do. */
function conditionLines(
  { level, text, chapter }: Condition,
  style: Painter,
  lines: (text: string, paintLine: (line: string) => string) => string[],
): string[] {
  const where = chapter === null ? [] : lines(`see docs/operations.md#${chapter}`, dim)
  function dim(line: string) {
    return style('dim', line)
  }
  return [...lines(text, (line) => style(COLOURS[level] ?? 'yellow', line)), ...where]
}

/** The four figures of the page, each with its last 15 minutes. */
function numberRows(overview: Overview | null, width: number): string[][] {
  if (overview === null) return []
  const { numbers, history } = overview
  const { lagSeconds, lagRecords, slowest, secondsToDrain, secondsUntilLoss, firstLoss } = numbers
  const done =
    slowest === null
      ? ''
      : `; ${slowest}: ${secondsToDrain === null ? 'no end in sight' : `done in ${secondsCell(secondsToDrain)}`}`
  const room = Math.min(SPARKLINE, width - BESIDE)
  const with15 = (values: ReadonlyArray<number | null>, text: string) =>
    room <= 0
      ? printable(text, MAX_TEXT)
      : `${sparkline(values, room).padEnd(room)}  ${printable(text, MAX_TEXT)}`
  return [
    [
      'behind',
      with15(
        history.lagSeconds,
        `${secondsCell(lagSeconds)}, lag ${countCell(lagRecords)}${oldText(numbers)}${done}`,
      ),
    ],
    ['records/s in', with15(history.inPerSecond, rateCell(numbers.inPerSecond))],
    ['records/s out', with15(history.outPerSecond, rateCell(numbers.outPerSecond))],
    ['end to end, p99', with15(history.p99Seconds, secondsCell(numbers.p99Seconds))],
    [
      'until loss',
      with15(
        history.secondsUntilLoss,
        `${secondsCell(secondsUntilLoss)}${firstLoss === null ? '' : `, first at ${firstLoss}`}`,
      ),
    ],
  ]
}

function ownRows({ counts }: ServiceView): string[][] {
  return [
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
  // Read from the brokers once in a while (lag.interval), so it may differ from the lines above.
  const { ageSeconds } = group
  const rate = (value: number | null) => cell(value, (records) => `${countCell(records)}/s`)
  return [
    'the group',
    `read ${secondsCell(ageSeconds)} ago: lag ${countCell(lag)}, done in ${secondsCell(secondsToDrain)}, ${rate(consumeRate)} of ${rate(produceRate)}, ${members === null ? '? members' : counted(members, 'member')}, ${counted(partitions, 'partition')}${hold === null ? '' : `, held: ${printable(hold, 60)}`}`,
  ]
}
