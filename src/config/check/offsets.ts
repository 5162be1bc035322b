import type { Settings } from '../schema/index.ts'
import { type Finding, problem, warning } from './relations.ts'

/** What goes together with a store of offsets beside Kafka. */
export function checkOffsets(settings: Settings): readonly Finding[] {
  const { offsets, commit, processing, sinks } = settings
  const { urlFile } = offsets.postgres
  if (offsets.store !== 'postgres') return []
  const findings: Finding[] = []
  if (urlFile === undefined) {
    const about = ['offsets.postgres.urlFile', 'offsets.store']
    const message = 'is missing, and offsets.store is postgres'
    const remedy = 'name the file that holds the URL, such as that of the sink'
    return [problem(about, undefined, message, remedy)]
  }
  if (commit.mode !== 'interval') {
    const message =
      'makes a partition wait for Kafka, and with offsets.store: postgres an offset is kept with its rows'
    const about = ['commit.mode', 'offsets.store']
    findings.push(problem(about, `"${commit.mode}"`, message, 'remove commit.mode'))
  }
  if (processing.workers !== 0) {
    const message =
      'starts worker threads, which cannot take part in the transactions of offsets.store: postgres'
    const about = ['processing.workers', 'offsets.store']
    findings.push(problem(about, String(processing.workers), message, 'write 0'))
  }
  for (const [name, sink] of Object.entries(sinks)) {
    if (sink.type !== 'postgres') continue
    if (sink.urlFile === urlFile) {
      if (sink.fallback !== undefined) findings.push(withoutFallback(name, sink.fallback))
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

/** A row that is refused takes its transaction along, so nothing else can be written in its place. */
function withoutFallback(sink: string, fallback: string): Finding {
  return warning(
    [`sinks.${sink}.fallback`, 'offsets.store', 'sinks'],
    fallback,
    'does not get the rows that the database refuses: they are in the transaction of the offsets, so their records become dead letters',
    'remove fallback, and look for these rows among the dead letters',
  )
}
