import * as z from 'zod'
import { tableNames } from '../../../kernel/names.ts'
import { boolean, bytes, checked, choice, duration, file, integer, list, text } from '../fields.ts'
import { checkColumn, checkColumnType, checkPath, checkTable } from '../names.ts'
import { connectionTime, statementTime } from '../postgres.ts'
import { fallback, type SinkSchema } from './sink-schema.ts'

/** A path alone is a column of text. (`path` in a sink would be one of a file.) */
const column = z
  .union([
    checked(text(), checkPath),
    z.strictObject({
      from: checked(text(), checkPath).optional(),
      type: checked(text(), checkColumnType).prefault('text'),
      unit: choice(['s', 'ms', 'us', 'ns']).prefault('ms'),
    }),
  ])
  .transform((value) =>
    typeof value === 'string' ? { from: value, type: 'text', unit: 'ms' as const } : value,
  )

const batch = z.strictObject({
  rows: integer(1, 100_000).prefault(1_000),
  bytes: bytes('1KiB', '256MiB').prefault('8MiB'),
  within: duration('0ms', '10s').prefault('5ms'),
})

export const postgres = {
  form: '{type: postgres, urlFile, caFile, events, table, columns, key, update, nul, onReorg, partitions, retention, migrate, batch, maxConnections, connectionLimit, connectionTimeout, statementTimeout, fallback}',
  about:
    '`postgres`: rows of a table ([postgres.md](postgres.md)). `urlFile`: a file with the URL, password included; `events`: the service makes the table; otherwise `table` and `columns` are yours.',
  lists: true,
  schema: z.strictObject({
    type: z.literal('postgres'),
    urlFile: file('name the file with postgresql://user:password@host:5432/database'),
    caFile: file().optional(),
    events: choice(tableNames).optional(),
    table: checked(text(), checkTable).optional(),
    columns: z.record(checked(text(), checkColumn), column).optional(),
    key: list('columns', checkColumn).optional(),
    update: list('columns', checkColumn).optional(),
    nul: choice(['refuse', 'remove']).prefault('refuse'),
    onReorg: choice(['keep', 'mark', 'delete']).prefault('keep'),
    partitions: choice(['none', 'day']).prefault('none'),
    retention: duration('1d', '36500d').optional(),
    migrate: boolean().prefault(false),
    batch: batch.prefault({}),
    maxConnections: integer(1, 100).prefault(2),
    connectionLimit: integer(1, 100_000).optional(),
    connectionTimeout: connectionTime.prefault('5s'),
    statementTimeout: statementTime.prefault('10s'),
    fallback,
  }),
} as const satisfies SinkSchema
