import { formatDuration } from '../../kernel/text/units.ts'
import type { Settings } from '../schema/index.ts'
import { type Finding, problem } from './relations.ts'

/** What goes together with parked records. */
export function checkParked({ parked, offsets, processing }: Settings): readonly Finding[] {
  const { store, hold, afterRetries, backoff, maxBackoff, postgres } = parked
  if (store === 'none') {
    const message = 'needs a place for parked records, and parked.store is none'
    const remedy = 'write parked.store: postgres, or remove it'
    const needs = (key: string, value: string) =>
      problem([key, 'parked.store'], value, message, remedy)
    return [
      ...(afterRetries ? [needs('parked.afterRetries', 'true')] : []),
      ...(hold === 'none' ? [] : [needs('parked.hold', hold)]),
    ]
  }
  const findings: Finding[] = []
  const isJoined = offsets.store === 'postgres'
  const { urlFile = isJoined ? offsets.postgres.urlFile : undefined } = postgres
  const about = ['parked.postgres.urlFile', 'parked.store', 'offsets.store']
  if (urlFile === undefined && !isJoined) {
    const message = 'is missing, and parked.store is postgres'
    findings.push(problem(about, undefined, message, 'name the file that holds the URL'))
  }
  if (isJoined && urlFile !== offsets.postgres.urlFile) {
    const message =
      'is not the file of offsets.postgres.urlFile: with offsets.store: postgres a record is parked in the transaction of its offset'
    findings.push(problem(about, urlFile, message, 'remove it'))
  }
  if (isJoined && postgres.table === offsets.postgres.table) {
    const message = 'is the table of offsets, too'
    findings.push(
      problem(
        ['parked.postgres.table', 'offsets.postgres.table'],
        postgres.table,
        message,
        'name another',
      ),
    )
  }
  if (hold === 'key' && processing.order === 'none') {
    const keys = ['parked.hold', 'processing.order']
    const message = 'keeps an order that processing.order: none does not have'
    findings.push(problem(keys, hold, message, 'set processing.order to key or partition'))
  }
  if (hold === 'key' && afterRetries) {
    const keys = ['parked.hold', 'parked.afterRetries']
    const message =
      'does not go with parked.afterRetries: true: a record is given up when later ones have succeeded, maybe those of its key'
    findings.push(problem(keys, hold, message, 'remove one of them'))
  }
  if (maxBackoff < backoff) {
    const message = `is below parked.backoff = ${formatDuration(backoff)}`
    findings.push(
      problem(
        ['parked.maxBackoff', 'parked.backoff'],
        formatDuration(maxBackoff),
        message,
        'raise it, or lower parked.backoff',
      ),
    )
  }
  return findings
}
