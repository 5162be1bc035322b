import { openParkedPool } from '../../app/parked/open-parked.ts'
import type { Config } from '../../config/types.ts'
import { codeOf, OccError } from '../../kernel/errors.ts'
import { recordName } from '../../kernel/shapes/record.ts'
import { redactText } from '../../kernel/text/redact-text.ts'
import { systemClock } from '../../kernel/time/clock.ts'
import {
  countParkedRecords,
  listParkedRecords,
  type ParkedFilter,
  type ParkedRow,
} from '../../sink/postgres/parked/list.ts'
import { MOST_COUNTED } from '../../sink/postgres/parked/statements.ts'
import type { PostgresPool } from '../../sink/postgres/pool.ts'
import { usageError } from '../arguments.ts'
import { withConfig } from '../config-file.ts'
import { commandLog } from '../terminal/command-log.ts'
import type { Io } from '../terminal/io.ts'
import { printable } from '../terminal/printable.ts'
import { counted, secondText, table } from '../terminal/terminal.ts'
import { type FilterFlags, filterOf } from './flags.ts'
import { inGroup } from './groups.ts'

/** The table of parked records, and which of them a command is about. */
export interface OpenedParked {
  readonly config: Config
  readonly pool: PostgresPool
  readonly table: string
  readonly filter: ParkedFilter
  /** At most `limit` of them, the first due first, and how many there are: see `countText`. */
  read(limit: number): Promise<{ readonly rows: readonly ParkedRow[]; readonly total: number }>
}

/** Throws OCC_USAGE. @param names `topic/partition/offset` */
export async function withParked<T>(
  flags: FilterFlags & { readonly config?: string },
  names: readonly string[],
  io: Io,
  work: (opened: OpenedParked) => Promise<T>,
): Promise<T> {
  const id = names.find((name) => !name.includes('/'))
  if (id !== undefined) {
    throw usageError(`${id} is no parked record; give topic/partition/offset, without an ID`)
  }
  return withConfig({ file: flags.config, env: io.env }, async ({ config }) => {
    if (config.parked.store === 'none') throw noPlace()
    const wanted = inGroup(filterOf(flags, names, systemClock.now()), flags.group, config)
    const filter: ParkedFilter = {
      groups: wanted.groups ?? null,
      topics: wanted.topics ?? null,
      handlers: wanted.handlers ?? null,
      errorTypes: wanted.errorTypes ?? null,
      places: wanted.names ?? null,
      since: wanted.since ?? null,
      until: wanted.until ?? null,
    }
    const pool = openParkedPool(config, commandLog(io, 'warn'))
    const { table: name } = config.parked.postgres
    try {
      return await work({
        ...{ config, pool, table: name, filter },
        async read(limit) {
          try {
            const rows = await listParkedRecords(pool, name, filter, limit)
            const isAll = rows.length < limit
            return {
              rows,
              total: isAll ? rows.length : await countParkedRecords(pool, name, filter),
            }
          } catch (error) {
            // Nothing was parked yet.
            if (codeOf(error) === 'OCC_POSTGRES_TABLE') return { rows: [], total: 0 }
            throw error
          }
        },
      })
    } finally {
      await pool.close()
    }
  })
}

function noPlace(): OccError {
  return new OccError(
    'OCC_USAGE',
    'parked.store is none in this configuration, so there are no parked records. Remedy: name the configuration of the service with --config.',
  )
}

/** `12 parked records`, `more than 100,000 parked records`. */
export function countText(total: number): string {
  const shown = counted(Math.min(total, MOST_COUNTED), 'parked record')
  return total > MOST_COUNTED ? `more than ${shown}` : shown
}

export function parkedTable(rows: readonly ParkedRow[]): string {
  const header = ['Record', 'Handlers', 'Due', '', 'Parked', 'Failed', 'Since', 'Why']
  const now = systemClock.now()
  const cells = rows.map((row) => [
    recordName(row),
    row.handler ?? '',
    secondText(row.dueAt),
    whenText(row, now),
    String(row.times),
    String(row.attempts),
    secondText(row.since),
    printable(redactText(whyOf(row)), 120),
  ])
  return table(cells, { header })
}

function whyOf({ errorType, reason }: ParkedRow): string {
  return errorType === null ? reason : `${errorType}: ${reason}`
}

function whenText({ isLeased, isBehind, owner, dueAt }: ParkedRow, now: number): string {
  if (isLeased) return `now, by ${owner}`
  if (isBehind) return 'behind one of its key'
  return dueAt <= now ? `${spanText(now - dueAt)} ago` : `in ${spanText(dueAt - now)}`
}

/** One unit is enough: `42 s`, `12 min`, `5 h`, `3 d`. */
function spanText(milliseconds: number): string {
  const units = [
    [86_400_000, 2, 'd'],
    [3_600_000, 2, 'h'],
    [60_000, 2, 'min'],
  ] as const
  const unit = units.find(([size, least]) => milliseconds >= size * least)
  if (unit === undefined) return `${Math.round(milliseconds / 1000)} s`
  return `${Math.round(milliseconds / unit[0])} ${unit[2]}`
}

/** A name without a record is a mistake: prints one line for each. Returns whether there is one. */
export function reportMissingParked(
  names: readonly string[],
  rows: readonly ParkedRow[],
  io: Io,
): boolean {
  const found = new Set(rows.map(recordName))
  const missing = names.filter((name) => !found.has(name))
  for (const name of missing) io.stderr.write(`There is no parked record ${name}.\n`)
  return missing.length > 0
}
