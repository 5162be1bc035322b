import { dirname } from 'node:path'
import type { DecodeResult } from '../../decode/types.ts'
import type { Outcome } from '../../kernel/shapes/outcome.ts'
import { recordName } from '../../kernel/shapes/record.ts'
import { redactText } from '../../kernel/text/redact-text.ts'
import type { Io } from '../terminal/io.ts'
import { printable } from '../terminal/printable.ts'
import { counted, formatCount, paint, type Style, table } from '../terminal/terminal.ts'
import type { Difference } from './difference.ts'
import { expectedValue } from './expectation.ts'
import { isFailure, type Result } from './results.ts'
import type { Run } from './run-records.ts'

/** Rows of each table; failures come before others. */
const MAX_ROWS = 50
/** Characters of a value, where the width of the output is unknown. */
const WIDE = 1_000

const STYLES = {
  ok: 'green',
  skip: 'yellow',
  retry: 'red',
  later: 'yellow',
  dead: 'red',
} as const satisfies Record<Outcome['kind'], Style>

/** What the decoder made of a result's record. */
export type DecodeAgain = (result: Result) => DecodeResult

/** Outcomes, values and times as tables. @param file Absolute path of the handler's module. */
export function describeRun(
  { results, strays }: Run,
  file: string,
  decode: DecodeAgain,
  io: Io,
): string {
  const style = paint(io.stdout, io.env)
  const shown = choose(results)
  const hasReasons = shown.some(({ outcome }) => outcome.kind !== 'ok')
  const rows = shown.map((result) => {
    const decoded = decode(result)
    return [
      recordName(result.record),
      style(STYLES[result.outcome.kind], result.outcome.kind),
      decoded.ok ? String(decoded.message.events.length) : '-',
      String(result.emitted.length),
      milliseconds(result.milliseconds),
      ...(hasReasons ? [printable(reasonOf(result.outcome, file))] : []),
    ]
  })
  const header = [
    'Record',
    'Outcome',
    'Events',
    'Emitted',
    'Time',
    ...(hasReasons ? ['Reason'] : []),
  ]
  const more = results.length - shown.length
  return [
    table(rows, { header }),
    ...(more > 0 ? [`... and ${formatCount(more)} more records`] : []),
    ...describeValues(shown, io),
    '',
    style('bold', summary(results)),
    ...(strays === 0
      ? []
      : [style('red', `Errors outside of the handler's promise: ${strays} (see the log above)`)]),
  ].join('\n')
}

/** The first rows in their order; with more results than rows, all failures that fit. */
function choose(results: readonly Result[]): readonly Result[] {
  if (results.length <= MAX_ROWS) return results
  const failures = results.filter(isFailure).slice(0, MAX_ROWS)
  const others = results.filter((each) => !isFailure(each)).slice(0, MAX_ROWS - failures.length)
  const chosen = new Set([...failures, ...others])
  return results.filter((each) => chosen.has(each))
}

function reasonOf(outcome: Outcome, file: string): string {
  if (outcome.kind === 'ok') return ''
  if (outcome.kind === 'skip') return outcome.reason
  if (outcome.kind === 'later') return `${outcome.reason} (after ${outcome.after} ms)`
  const { error } = outcome
  const place = placeIn(error, file)
  const after =
    outcome.kind === 'retry' && outcome.after !== null ? ` (after ${outcome.after} ms)` : ''
  return `${error.code}: ${redactText(error.message)}${place}${after}`
}

/** The first frame of the stack in the handler's folder. */
function placeIn(error: Error, file: string): string {
  const stacks = [error, error.cause].map((each) =>
    each instanceof Error ? (each.stack ?? '') : '',
  )
  const folder = `${dirname(file)}/`
  const frame = stacks
    .join('\n')
    .split('\n')
    .find((line) => line.trimStart().startsWith('at ') && line.includes(folder))
  const at = frame?.slice(frame.indexOf(folder) + folder.length).replace(/\)$/, '')
  return at === undefined ? '' : ` at ${at}`
}

function describeValues(results: readonly Result[], io: Io): string[] {
  const all = results.flatMap((result) => result.emitted.map((each) => [result, each] as const))
  if (all.length === 0) return []
  const style = paint(io.stdout, io.env)
  const shown = all.slice(0, MAX_ROWS)
  const places = shown.map(([{ record }, { sink }]) => [recordName(record), sink])
  const values = shown.map(([, emission]) => {
    const { key, value } = expectedValue(emission)
    return JSON.stringify(key === undefined ? value : { key, value })
  })
  const width = (io.stdout.isTTY === true && io.stdout.columns) || WIDE
  const more = all.length - MAX_ROWS
  return [
    '',
    // The values are no column of the table: its line would be as long as the longest.
    ...table(places, { header: ['Record', 'Sink'] })
      .split('\n')
      .map((line, row) => printable(`${line}  ${values[row - 2] ?? ''}`, width)),
    ...(more > 0
      ? [style('dim', `... and ${formatCount(more)} more values; --save writes all`)]
      : []),
  ]
}

function summary(results: readonly Result[]): string {
  const count = (kind: Outcome['kind']) =>
    results.filter(({ outcome }) => outcome.kind === kind).length
  const values = results.reduce((total, { emitted }) => total + emitted.length, 0)
  const times = results.map((result) => result.milliseconds).sort((a, b) => a - b)
  const at = (share: number) => milliseconds(times[Math.ceil(share * times.length) - 1] ?? 0)
  const kinds = (['ok', 'skip', 'retry', 'later', 'dead'] as const)
    .filter((kind) => count(kind) > 0)
    .map((kind) => `${formatCount(count(kind))} ${kind}`)
  return [
    `${counted(results.length, 'record')}: ${kinds.join(', ')}; ${counted(values, 'value')} emitted`,
    `time of a record: median ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)}`,
  ].join('\n')
}

function milliseconds(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 0)} ms`
}

/** The differences from a file of expected results, as lines with - and +. */
export function describeDifferences(all: readonly Difference[], io: Io): string {
  const style = paint(io.stdout, io.env)
  const width = (io.stdout.isTTY === true && io.stdout.columns) || WIDE
  const lines = all
    .slice(0, MAX_ROWS)
    .flatMap(({ record, missing, added }) => [
      style('bold', record),
      ...missing.map((line) => style('red', printable(`- ${line}`, width))),
      ...added.map((line) => style('green', printable(`+ ${line}`, width))),
    ])
  const more = all.length - MAX_ROWS
  return [...lines, ...(more > 0 ? [`... and ${formatCount(more)} more records differ`] : [])].join(
    '\n',
  )
}
