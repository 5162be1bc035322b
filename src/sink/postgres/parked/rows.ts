import type { ToPark } from '../../../kernel/shapes/parked.ts'
import {
  bigintOf,
  headersToJson,
  jsonToHeaders,
  withoutZero,
} from '../../dead-letters/postgres/table.ts'
import type { ClaimedRecord } from './types.ts'

/** Characters of a reason that are kept. */
const MAX_REASON = 2_000

/** In the order of the statement `park`. */
export function parkedToValues(group: string, { record, ...why }: ToPark): unknown[] {
  return [
    group,
    record.topic,
    record.partition,
    record.offset,
    bigintOf(record.timestamp),
    record.key,
    record.value,
    JSON.stringify(headersToJson(record.headers)),
    record.isReplay === true,
    why.handler ?? '',
    why.after,
    reasonText(why.reason),
    withoutZero(why.code ?? ''),
    why.hold,
  ]
}

export function reasonText(reason: string): string {
  return withoutZero(reason.slice(0, MAX_REASON))
}

/** A row of the statement `claim`. */
export function rowToClaimed(row: Record<string, unknown>): ClaimedRecord {
  const bytes = (name: string) => (Buffer.isBuffer(row[name]) ? row[name] : null)
  return {
    id: String(row['id']),
    claim: String(row['claim']),
    record: {
      topic: String(row['topic']),
      partition: Number(row['partition']),
      offset: Number(row['record_offset']),
      timestamp: Number(row['record_timestamp']),
      key: bytes('key'),
      value: bytes('value'),
      headers: jsonToHeaders(row['headers'] as Parameters<typeof jsonToHeaders>[0]),
    },
    attempts: Number(row['attempts']),
    holds: row['hold'] !== null,
    due: {
      handler: row['handler'] === '' ? null : String(row['handler']),
      isReplay: row['replay'] === true,
      times: Number(row['times']),
      since: timeOf(row['since']) ?? 0,
    },
  }
}

/** Milliseconds since the epoch; null: no time. */
export function timeOf(value: unknown): number | null {
  return value instanceof Date ? value.getTime() : null
}
