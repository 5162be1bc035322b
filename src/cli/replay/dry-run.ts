import { rangeText, readLog } from '../../app/read-log.ts'
import type { LogPart } from '../../broker/reading/log-reader.ts'
import type { LostRange } from '../../broker/types.ts'
import type { Config } from '../../config/types.ts'
import { alertSink } from '../../kernel/alerts.ts'
import type { OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { partitionName, recordName } from '../../kernel/shapes/record.ts'
import { redactText } from '../../kernel/text/redact-text.ts'
import { isFailure, type Result } from '../handler/results.ts'
import { openRunner } from '../handler/run-records.ts'
import type { Io } from '../terminal/io.ts'
import { printable } from '../terminal/printable.ts'
import { createProgressBar, formatCount, paint, table } from '../terminal/terminal.ts'

/** Failures that are printed. */
const MAX_FAILURES = 20

/** What a replay uses, dry or not. */
export interface RunParts {
  readonly log: Log
  readonly signal: AbortSignal
  readonly io: Io
}

/**
 * Handles each record of the parts once, without sinks, and prints the counts. false: a record
 * failed.
 */
export async function dryRun(
  config: Config,
  parts: readonly LogPart[],
  { log, signal, io }: RunParts,
): Promise<boolean> {
  const rules = config.alerts.map(({ name }) => alertSink(name))
  const runner = await openRunner(config, { sinks: [...Object.keys(config.sinks), ...rules], log })
  const total = parts.reduce((sum, { from, to }) => sum + ((to ?? from) - from), 0)
  const bar = createProgressBar(io.stderr, { label: 'dry run', total })
  const counts = new Counts()
  try {
    for await (const item of readLog(config, parts, { log, signal })) {
      if (item.kind === 'lost') counts.missed(item.range, 'retention deleted them')
      if (item.kind === 'damaged') counts.missed(item.range, item.damage.error.message)
      if (item.kind === 'ended') counts.ended(item.why)
      if (item.kind !== 'records') continue
      for (const result of await runner.handle(item.records)) counts.add(result)
      bar.update(counts.records)
    }
    bar.finish()
    const bold = paint(io.stdout, io.env)
    io.stdout.write(`${bold('bold', runner.handlers.join(', '))}\n${counts.text()}\n`)
    const strays = runner.strays()
    if (strays > 0) {
      io.stdout.write(`Errors outside of the handler's promise: ${strays} (see the log above)\n`)
    }
    return counts.failed === 0 && strays === 0
  } finally {
    await runner.close()
  }
}

/** What the records of a dry run came to. */
export class Counts {
  records = 0
  /** Records that failed, and ranges that could not be read. */
  failed = 0
  /** By what would happen: `ok`, `skip: filtered`. */
  readonly #outcomes = new Map<string, number>()
  readonly #emitted = new Map<string, number>()
  readonly #failures: string[] = []

  add(result: Result): void {
    const { outcome, emitted } = result
    this.records += 1
    count(this.#outcomes, outcome.kind === 'skip' ? `skip: ${outcome.reason}` : outcome.kind)
    for (const { sink } of emitted) count(this.#emitted, sink)
    if (!isFailure(result)) return
    this.#fail(failureText(result))
  }

  /** They were not handled. */
  missed(range: LostRange, why: string): void {
    this.#fail(printable(`${partitionName(range)}: ${rangeText(range)} not read: ${why}`, 400))
  }

  /** A part was not read to its end. */
  ended({ message }: OccError): void {
    this.#fail(printable(message, 600))
  }

  #fail(text: string): void {
    this.failed += 1
    if (this.#failures.length < MAX_FAILURES) this.#failures.push(text)
  }

  text(): string {
    const rows = [
      ...Array.from(this.#outcomes, ([name, number]) => [name, formatCount(number)]),
      ...Array.from(this.#emitted, ([sink, number]) => [`values to ${sink}`, formatCount(number)]),
    ]
    const more = this.failed - this.#failures.length
    return [
      table([['records', formatCount(this.records)], ...rows]),
      ...this.#failures,
      ...(more > 0 ? [`... and ${formatCount(more)} more fail`] : []),
    ].join('\n')
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

function failureText({ record, outcome }: Result): string {
  if (outcome.kind !== 'retry' && outcome.kind !== 'dead') return ''
  const { code, message } = outcome.error
  return printable(`${recordName(record)}: ${outcome.kind}, ${code}: ${redactText(message)}`, 400)
}
