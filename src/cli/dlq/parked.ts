import { openParkedPool } from '../../app/parked/open-parked.ts'
import type { Config } from '../../config/types.ts'
import { codeOf, OccError } from '../../kernel/errors.ts'
import { recordName } from '../../kernel/shapes/record.ts'
import { redactText } from '../../kernel/text/redact-text.ts'
import { systemClock } from '../../kernel/time/clock.ts'
import { listParkedRecords, type ParkedRow } from '../../sink/postgres/parked/list.ts'
import { type Flags, listOf, usageError } from '../arguments.ts'
import { withConfig } from '../config-file.ts'
import { commandLog } from '../terminal/command-log.ts'
import type { Io } from '../terminal/io.ts'
import { printable } from '../terminal/printable.ts'
import { formatCount, table } from '../terminal/terminal.ts'
import { DEFAULT_LIMIT, limitOf, type listFlags } from './flags.ts'
import { inGroup } from './groups.ts'

type ListFlags = Flags<typeof listFlags>

/** Most rows with --json and no --limit. */
const MOST = 1_000_000
const NOT_HERE = ['error-type', 'since', 'until', 'by'] as const

/** Prints the parked records, the first due first. Exit code 0 even if there are none. */
export async function listParked(
  names: readonly string[],
  flags: ListFlags,
  io: Io,
): Promise<number> {
  const wrong = NOT_HERE.find((flag) => flags[flag] !== undefined)
  if (wrong !== undefined) throw usageError(`--${wrong} does not go with --parked`)
  if (names.length > 0) throw usageError(`--parked takes no names, and ${names[0]} is one`)
  const asJson = flags.json !== undefined
  const limit = limitOf(flags, asJson ? MOST : DEFAULT_LIMIT)
  return withConfig({ file: flags.config, env: io.env }, async ({ config }) => {
    if (config.parked.store === 'none') throw noPlace()
    const { groups } = inGroup({}, flags.group, config)
    const filter = {
      groups: groups ?? null,
      topics: flags.topic === undefined ? null : listOf(flags.topic),
      handlers: flags.handler === undefined ? null : listOf(flags.handler),
    }
    const { rows, total } = await read(config, filter, limit, io)
    const print = (text: string) => io.stdout.write(`${text}\n`)
    if (asJson) for (const row of rows) print(JSON.stringify(factsOf(row)))
    else if (total === 0) print('No parked records.')
    else print(tableOf(rows, total))
    return 0
  })
}

async function read(
  config: Config,
  filter: Parameters<typeof listParkedRecords>[2],
  limit: number,
  io: Io,
) {
  const pool = openParkedPool(config, commandLog(io, 'warn'))
  try {
    return await listParkedRecords(pool, config.parked.postgres.table, filter, limit)
  } catch (error) {
    // Nothing was parked yet.
    if (codeOf(error) === 'OCC_POSTGRES_TABLE') return { rows: [], total: 0 }
    throw error
  } finally {
    await pool.close()
  }
}

function noPlace(): OccError {
  return new OccError(
    'OCC_USAGE',
    'parked.store is none in this configuration, so there are no parked records. Remedy: name the configuration of the service with --config.',
  )
}

function tableOf(rows: readonly ParkedRow[], total: number): string {
  const header = ['Record', 'Handlers', 'Due', 'Parked', 'Failed', 'Since', 'Why']
  const now = systemClock.now()
  const cells = rows.map((row) => [
    recordName(row),
    row.handler ?? '',
    row.isLeased ? `now, by ${row.owner}` : dueIn(row.dueAt, now),
    String(row.times),
    String(row.attempts),
    new Date(row.since).toISOString(),
    printable(redactText(whyOf(row)), 120),
  ])
  const more =
    total > rows.length ? `; the first ${formatCount(rows.length)} are shown, --limit N` : ''
  return `${table(cells, { header })}\n\n${formatCount(total)} parked records${more}`
}

function whyOf({ errorType, reason }: ParkedRow): string {
  return errorType === null ? reason : `${errorType}: ${reason}`
}

function dueIn(dueAt: number, now: number): string {
  const seconds = Math.round((dueAt - now) / 1000)
  return seconds <= 0 ? `${-seconds} s ago` : `in ${seconds} s`
}

function factsOf({ dueAt, since, reason, ...row }: ParkedRow) {
  return {
    ...row,
    reason: redactText(reason),
    dueAt: new Date(dueAt).toISOString(),
    since: new Date(since).toISOString(),
  }
}
