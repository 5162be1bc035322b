import { messageOf, OccError } from '../../../kernel/errors.ts'
import type { PostgresPool, PostgresTransaction } from '../../postgres/pool.ts'
import { quoteTable } from '../../postgres/quote.ts'
import { fits } from '../filter.ts'
import { OUTLINE_MESSAGE, outlineOf } from '../outline.ts'
import type { DeadLetterStore, LetterFilter, LetterPlace, StoredLetter } from '../types.ts'
import { bigintOf, rowToLetter } from './table.ts'

/** Rows of a query, and bytes of values, at most; a single value may have more. */
const PAGE = 100
const PAGE_BYTES = 4_000_000
const OUTLINES = 1_000
const ORDER = 'original_topic, original_partition, original_offset, original_timestamp, handler, id'

/** Of the columns, with the beginning of the message. A table of version 0.1 has no consumer_group. */
const OUTLINE = `id, original_topic, original_partition, original_offset, original_timestamp, error_type,
  left(error_message, ${OUTLINE_MESSAGE}) as error_message, handler, consumer_group, attempts, redrives,
  failed_at, sending_since, '{}'::jsonb as headers`

/** The letters in a table. Handled letters are deleted. */
export function createPostgresStore(table: string, pool: PostgresPool): DeadLetterStore {
  /** Open while the lock is held: through a pooler, only a transaction can hold a lock. */
  let holding: PostgresTransaction | null = null

  async function page(
    filter: LetterFilter,
    after: StoredLetter | null,
    outlines: boolean,
  ): Promise<StoredLetter[]> {
    const { conditions, values } = conditionsOf(filter)
    if (after !== null) {
      const { topic, partition, offset, timestamp } = after.record
      const places = [topic, partition, offset, bigintOf(timestamp), after.handler ?? '', after.id]
      const marks = places.map((_, index) => `$${values.length + index + 1}`)
      conditions.push(`(${ORDER}) > (${marks.join(', ')})`)
      values.push(...places)
    }
    const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`
    const from = `from ${quoteTable(table)} ${where} order by ${ORDER} limit`
    // A name that the table lacks is that of the row around it.
    const sql = outlines
      ? `select found.* from (select '' as consumer_group) as absent, lateral (select ${OUTLINE} ${from} ${OUTLINES}) as found order by ${ORDER}`
      : `select * from (
          select *, sum(octet_length(value)) over (order by ${ORDER} rows between unbounded preceding and 1 preceding) as bytes_before
          from (select * ${from} ${PAGE}) as listed) as summed
        where coalesce(bytes_before, 0) < ${PAGE_BYTES} order by ${ORDER}`
    const { rows } = await pool.query(sql, values)
    const letters = rows.map(rowToLetter)
    return outlines ? letters.map(outlineOf) : letters
  }

  async function change(sql: string, letters: readonly StoredLetter[]): Promise<void> {
    if (letters.length === 0) return
    // A row that was updated since it was listed is a newer letter, and stays.
    const condition = `exists (
      select from unnest($1::text[], $2::timestamptz[]) as listed (id, failed_at)
      where letter.id = listed.id and letter.failed_at <= listed.failed_at)`
    await pool.query(`${sql} where ${condition}`, [
      letters.map(({ id }) => id),
      letters.map(({ failedAt }) => new Date(failedAt).toISOString()),
    ])
  }

  async function isMine(transaction: PostgresTransaction): Promise<boolean> {
    const lock = 'select pg_try_advisory_xact_lock(hashtext($1)) as locked'
    const { rows } = await transaction.query(lock, [`onchain-consumer redrive ${table}`])
    return rows[0]?.locked === true
  }

  async function release(): Promise<void> {
    const held = holding
    holding = null
    await held?.release()
  }

  /** The lock ends with its connection; then another redrive may take it. */
  async function checkLock(): Promise<void> {
    try {
      await holding?.query('select 1')
    } catch (error) {
      throw new OccError(
        'OCC_DEAD_LETTERS_LOCK_LOST',
        `Lost the connection that held the redrive lock of the table ${table}: run the same command again. ${messageOf(error)}`,
        { cause: error, retriable: true },
      )
    }
  }

  async function place(): Promise<LetterPlace> {
    const { rows } = await pool.query(
      `select current_database() as database, nspname as schema
       from (select to_regclass($1) as oid) as named
         left join pg_class using (oid) left join pg_namespace as space on space.oid = relnamespace`,
      [quoteTable(table)],
    )
    const [row] = rows
    const exists = typeof row?.schema === 'string'
    const bare = table.slice(table.lastIndexOf('.') + 1)
    const name = exists ? `${row?.schema}.${bare}` : table
    return { name: `the table ${name} of the database ${row?.database}`, exists }
  }

  return {
    places: async () => [await place()],
    async *list(filter, { outlines = false, goesOn } = {}) {
      let letters = await page(filter, null, outlines)
      while (letters.length > 0) {
        for (const letter of letters) {
          if (fits(letter, filter)) yield letter
          if (goesOn !== undefined && !(await goesOn(0))) return
        }
        letters = await page(filter, letters.at(-1) ?? null, outlines)
      }
    },
    async sending(letters) {
      await checkLock()
      await change(`update ${quoteTable(table)} as letter set sending_since = now()`, letters)
    },
    returned: (letters) =>
      change(`update ${quoteTable(table)} as letter set sending_since = null`, letters),
    end: (letters) => change(`delete from ${quoteTable(table)} as letter`, letters),
    async lock() {
      holding = await pool.begin()
      if (await isMine(holding)) return
      await release()
      throw new OccError(
        'OCC_DEAD_LETTERS_LOCKED',
        `Another redrive or drop of the table ${table} is under way: wait for its end.`,
        { retriable: true },
      )
    },
    async close() {
      await release()
      await pool.close()
    },
  }
}

/** What the database can filter; `fits` decides. */
function conditionsOf({ names, errorTypes, topics, since, until }: LetterFilter) {
  const conditions: string[] = []
  const values: unknown[] = []
  const add = (condition: (mark: string) => string, value: unknown) => {
    values.push(value)
    conditions.push(condition(`$${values.length}`))
  }
  if (names !== undefined) {
    const place = "original_topic || '/' || original_partition || '/' || original_offset"
    add((mark) => `(id = any(${mark}) or ${place} = any(${mark}))`, names)
  }
  if (errorTypes !== undefined) add((mark) => `error_type = any(${mark})`, errorTypes)
  if (topics !== undefined) add((mark) => `original_topic = any(${mark})`, topics)
  if (since !== undefined) add((mark) => `failed_at >= ${mark}`, new Date(since).toISOString())
  if (until !== undefined) add((mark) => `failed_at < ${mark}`, new Date(until).toISOString())
  return { conditions, values }
}
