import type { DeadLetter } from '../../../kernel/shapes/dead-letter.ts'
import { quoteTable } from '../../postgres/quote.ts'
import { errorText, splitErrorText } from '../error-text.ts'
import { type HeaderTexts, headersToText, textToHeaders } from '../file/letter-line.ts'
import { letterId } from '../letter-id.ts'
import type { StoredLetter } from '../types.ts'

const IDENTITY =
  'original_topic, original_partition, original_offset, original_timestamp, handler, consumer_group'

/**
 * The table, also shown in docs/dead-letters.md. A letter is identified by its record (coordinates
 * and timestamp), its handlers and its group: offsets of a recreated topic restart at 0.
 */
export function createTableSql(table: string): string {
  const index = quoteTable(`${table.split('.').at(-1)}_id`)
  return `create table if not exists ${quoteTable(table)} (
  id text not null,
  original_topic text not null,
  original_partition integer not null,
  original_offset bigint not null,
  original_timestamp bigint not null,
  key bytea,
  value bytea,
  headers jsonb not null,
  error_type text not null,
  error_message text not null,
  handler text not null default '',
  consumer_group text not null default '',
  attempts integer not null,
  redrives integer not null,
  failed_at timestamptz not null,
  kept_at timestamptz not null default now(),
  sending_since timestamptz,
  primary key (${IDENTITY})
);
create index if not exists ${index} on ${quoteTable(table)} (id)`
}

/** Adds the group to a table of version 0.1, also shown in docs/dead-letters.md. */
export function addGroupSql(table: string): string {
  const name = quoteTable(table)
  return `do $$
declare old_key text;
begin
  lock table ${name} in access exclusive mode;
  if not exists (select from pg_attribute
    where attrelid = '${name}'::regclass and attname = 'consumer_group' and not attisdropped) then
    alter table ${name} add column consumer_group text not null default '';
    select conname into old_key from pg_constraint where conrelid = '${name}'::regclass and contype = 'p';
    execute format('alter table ${name} drop constraint %I', old_key);
    alter table ${name} add primary key (${IDENTITY});
  end if;
end $$`
}

const COLUMNS = [
  'id',
  'original_topic',
  'original_partition',
  'original_offset',
  'original_timestamp',
  'key',
  'value',
  'headers',
  'error_type',
  'error_message',
  'handler',
  'consumer_group',
  'attempts',
  'redrives',
  'failed_at',
] as const

/** Inserts `letters` letters; an existing one gets the newer error, attempts and time. */
export function upsertSql(table: string, letters: number): string {
  const rows = Array.from({ length: letters }, (_, row) => {
    const places = COLUMNS.map((_, column) => `$${row * COLUMNS.length + column + 1}`)
    return `(${places.join(', ')})`
  })
  // This is a newer letter of the record: whether the earlier one was sent is irrelevant.
  const updated = ['error_type', 'error_message', 'attempts', 'redrives', 'failed_at']
  return `insert into ${quoteTable(table)} (${COLUMNS.join(', ')})
values ${rows.join(', ')}
on conflict (${IDENTITY})
do update set sending_since = null, ${updated.map((name) => `${name} = excluded.${name}`).join(', ')}`
}

/** In the order of the columns. */
export function letterToValues(letter: DeadLetter): unknown[] {
  const { record, error, failedAt, attempts, handler, redrives, group } = letter
  return [
    letterId(letter),
    record.topic,
    record.partition,
    record.offset,
    bigintOf(record.timestamp),
    record.key,
    record.value,
    JSON.stringify(headersToJson(record.headers)),
    withoutZero(error.code),
    withoutZero(errorText(error)),
    handler ?? '',
    group,
    attempts,
    redrives,
    new Date(failedAt).toISOString(),
  ]
}

/**
 * The exact digits of the timestamp: beyond 2^53 the text of a number differs. A producer may have
 * sent a fraction or more than a bigint holds; neither is a reason not to keep the record.
 */
export function bigintOf(timestamp: number): string {
  return BigInt.asIntN(64, BigInt(Math.trunc(timestamp) || 0)).toString()
}

/** PostgreSQL's text type cannot hold the character 0, which an error may quote from a record. */
export function withoutZero(text: string): string {
  return text.replaceAll('\0', '\ufffd')
}

/** Headers with names that PostgreSQL's JSON cannot hold, as [base64 name, value]. */
export type NamedTexts = ReadonlyArray<readonly [name: string, value: HeaderTexts[string]]>

export function headersToJson(headers: DeadLetter['record']['headers']): HeaderTexts | NamedTexts {
  const texts = headersToText(headers)
  const entries = Object.entries(texts)
  if (!entries.some(([name]) => name.includes('\0'))) return texts
  return entries.map(([name, value]) => [Buffer.from(name).toString('base64'), value] as const)
}

export function jsonToHeaders(json: HeaderTexts | NamedTexts): DeadLetter['record']['headers'] {
  if (!isNamed(json)) return textToHeaders(json)
  return textToHeaders(
    Object.fromEntries(
      json.map(([name, value]) => [Buffer.from(name, 'base64').toString(), value]),
    ),
  )
}

function isNamed(json: HeaderTexts | NamedTexts): json is NamedTexts {
  return Array.isArray(json)
}

export function rowToLetter(row: Record<string, unknown>): StoredLetter {
  const bytes = (name: string) => (Buffer.isBuffer(row[name]) ? row[name] : null)
  const time = (name: string) => (row[name] instanceof Date ? row[name].getTime() : null)
  return {
    id: String(row['id']),
    record: {
      topic: String(row['original_topic']),
      partition: Number(row['original_partition']),
      offset: Number(row['original_offset']),
      timestamp: Number(row['original_timestamp']),
      key: bytes('key'),
      value: bytes('value'),
      headers: jsonToHeaders(row['headers'] as HeaderTexts | NamedTexts),
    },
    errorType: String(row['error_type']),
    ...splitErrorText(String(row['error_message'])),
    handler: row['handler'] === '' ? null : String(row['handler']),
    attempts: Number(row['attempts']),
    failedAt: time('failed_at') ?? 0,
    redrives: Number(row['redrives']),
    // A table of version 0.1 has no such column.
    group: row['consumer_group'] ? String(row['consumer_group']) : null,
    sendingSince: time('sending_since'),
  }
}
