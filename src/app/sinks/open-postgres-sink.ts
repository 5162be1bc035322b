import { blockHashColumn } from '../../config/check/reorgs.ts'
import type { SinkConfig } from '../../config/types.ts'
import type { Log } from '../../kernel/log.ts'
import { systemClock } from '../../kernel/time/clock.ts'
import type { Meters, SinkMeter } from '../../observe/types.ts'
import { createPostgresSink } from '../../sink/emit/postgres-sink.ts'
import type { EmitSink } from '../../sink/emit/types.ts'
import { createLazyPool } from '../../sink/postgres/lazy-pool.ts'
import type { PostgresPool } from '../../sink/postgres/pool.ts'
import { createRowReorgs } from '../../sink/postgres/reorgs/row-reorgs.ts'
import { createMapping } from '../../sink/postgres/rows/mapping.ts'
import type { RowSource } from '../../sink/postgres/rows/table.ts'
import { createDayPartitions } from '../../sink/postgres/tables/day-partitions.ts'
import { createEventSource } from '../../sink/postgres/tables/event-table.ts'
import { eventTable } from '../../sink/postgres/tables/index.ts'
import { createMigrateOnce } from '../../sink/postgres/tables/migrate-once.ts'
import type { EventMigrationOptions } from '../../sink/postgres/tables/migrations.ts'

export type PostgresConfig = Extract<SinkConfig, { readonly type: 'postgres' }>

export function openPostgresSink(
  name: string,
  sink: PostgresConfig,
  log: Log,
  meter: SinkMeter,
  meters?: Pick<Meters, 'database'>,
): EmitSink {
  const sinkLog = log.child({ room: 'sink', sink: name })
  const pool = openPostgresPool(name, sink, sinkLog, meters)
  const source = sourceOf(sink)
  const made = migrationOptions(sink)
  const { batch, maxConnections: writers, partitions, retention = null, onReorg } = sink
  const reorgs =
    onReorg === 'keep' ? undefined : createRowReorgs(source, { onReorg, ...blockColumns(sink) })
  const timeColumn = source.columns.findIndex(({ name: column }) => column === 'time')
  const days = createDayPartitions(
    { table: source.table, timeColumn, retention },
    pool,
    systemClock,
  )
  return createPostgresSink(
    source,
    {
      batch,
      writers,
      ...(sink.migrate && made !== null && { prepare: createMigrateOnce(made, pool, sinkLog) }),
      ...(partitions === 'day' && { makeRoom: days.makeRoom }),
      reorgs,
    },
    pool,
    meter,
  )
}

/** The pool of a sink; it connects when it is used. */
export function openPostgresPool(
  name: string,
  sink: PostgresConfig,
  log: Log,
  meters?: Pick<Meters, 'database'>,
): PostgresPool {
  return createLazyPool(sink, log, `sinks.${name}`, meters)
}

/** The table that the service makes for this sink; null: it is the user's own. */
export function migrationOptions({ events, table, partitions, onReorg }: PostgresConfig) {
  if (events === undefined) return null
  const options: EventMigrationOptions = {
    events,
    table: table ?? `onchain_${events}`,
    partitions,
    hasReorgs: onReorg !== 'keep',
  }
  return options
}

/** The columns that say to which block a row belongs. */
function blockColumns({ events, columns = {} }: PostgresConfig) {
  if (events !== undefined) return { hashColumn: 'block_hash', numberColumn: 'block_number' }
  return { hashColumn: blockHashColumn(columns) ?? '' }
}

function sourceOf(sink: PostgresConfig): RowSource {
  const made = migrationOptions(sink)
  const { nul, table = '', columns = {}, key = [], update = [] } = sink
  if (made !== null) {
    const options = { ...made, nul, perBlock: sink.onReorg !== 'keep' }
    return createEventSource(eventTable(made.events), options)
  }
  const named = Object.entries(columns).map(
    ([column, { from = column, ...rest }]) => [column, { path: from, ...rest }] as const,
  )
  return createMapping({ table, columns: Object.fromEntries(named), key, update, nul })
}
