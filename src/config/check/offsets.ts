import { formatDuration } from '../../kernel/text/units.ts'
import type { Settings } from '../schema/index.ts'
import { type Finding, problem, warning } from './relations.ts'

const MIN_RECORD_INTERVAL = 1_000

/** What goes together with a table of offsets beside Kafka. */
export function checkOffsets(settings: Settings): readonly Finding[] {
  return settings.offsets.store === 'postgres' ? checkStore(settings) : checkRecord(settings)
}

/** A table that decides nothing. */
function checkRecord({ offsets }: Settings): readonly Finding[] {
  const { record, postgres } = offsets
  if (record.every === 0) return []
  const findings: Finding[] = []
  if (record.every < MIN_RECORD_INTERVAL) {
    const about = ['offsets.record.every']
    const message = 'is below 1s: each time costs a statement'
    const remedy = 'write 1s or more, or 0s to record nothing'
    findings.push(problem(about, formatDuration(record.every), message, remedy))
  }
  if (postgres.urlFile === undefined) {
    const about = ['offsets.postgres.urlFile', 'offsets.record.every']
    const message = 'is missing, and offsets.record.every wants offsets to be recorded'
    findings.push(problem(about, undefined, message, 'name the file that holds the URL'))
  }
  if (record.table === postgres.table) {
    const about = ['offsets.record.table', 'offsets.postgres.table']
    const message =
      'is the table that decides with offsets.store: postgres, and nothing may be recorded in it'
    findings.push(problem(about, record.table, message, 'name another'))
  }
  return findings
}

function checkStore(settings: Settings): readonly Finding[] {
  const { offsets, commit, sinks } = settings
  const { urlFile } = offsets.postgres
  const findings: Finding[] = []
  if (urlFile === undefined) {
    const about = ['offsets.postgres.urlFile', 'offsets.store']
    const message = 'is missing, and offsets.store is postgres'
    const remedy = 'name the file that holds the URL, such as that of the sink'
    return [problem(about, undefined, message, remedy)]
  }
  if (offsets.record.every > 0) {
    const about = ['offsets.record.every', 'offsets.store']
    const message = 'records what the table of offsets.store: postgres has already'
    findings.push(problem(about, formatDuration(offsets.record.every), message, 'remove it'))
  }
  if (commit.mode !== 'interval') {
    const message =
      'makes a partition wait for Kafka, and with offsets.store: postgres an offset is kept with its rows'
    const about = ['commit.mode', 'offsets.store']
    findings.push(problem(about, `"${commit.mode}"`, message, 'remove commit.mode'))
  }
  for (const [name, sink] of Object.entries(sinks)) {
    if (sink.type !== 'postgres') continue
    if (sink.urlFile === urlFile) {
      if (sink.fallback === undefined) continue
      const message =
        'would get nothing: with offsets.store: postgres a row that the table refuses ends its transaction, and its message becomes a dead letter'
      const about = [`sinks.${name}.fallback`, 'offsets.store', 'sinks']
      findings.push(problem(about, sink.fallback, message, 'remove it'))
      continue
    }
    findings.push(
      warning(
        [`sinks.${name}.urlFile`, 'offsets.postgres.urlFile', 'sinks'],
        sink.urlFile,
        'is not the file of offsets.postgres.urlFile: its rows are in no transaction with the offsets, and are written at least once',
        'name the same file if it is the same database; otherwise give the table a key',
      ),
    )
  }
  return findings
}
