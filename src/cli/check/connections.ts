import { openOffsetsPool, recordsOffsets } from '../../app/offsets/open-offsets-pool.ts'
import { openParkedPool } from '../../app/parked/open-parked.ts'
import { openPostgresPool } from '../../app/sinks/open-postgres-sink.ts'
import { unitsOf } from '../../app/units/units.ts'
import type { Config } from '../../config/types.ts'
import { silentLog } from '../../kernel/log.ts'
import { counted } from '../../kernel/text/counted.ts'
import type { PostgresPool } from '../../sink/postgres/pool.ts'

/** What opens connections to a PostgreSQL. */
interface User {
  /** For people: `Sink db`. */
  readonly name: string
  /** Of the configuration. */
  readonly section: string
  readonly maxConnections: number
  /** Pools of one process. */
  readonly pools: number
  readonly connectionLimit?: number | undefined
  open(): PostgresPool
}

/**
 * Databases that would run out of connections with the most pods that can have work, one line each.
 * A database that does not answer is not told here: the check of the sink tells it.
 *
 * @param partitions Of all topics together.
 */
export async function connectionProblems(
  config: Config,
  partitions: number,
): Promise<readonly string[]> {
  const pods = Math.ceil(partitions / config.kafka.consumers)
  const problems: string[] = []
  for (const user of usersOf(config)) {
    const limit = await limitOf(user)
    const { name, section, maxConnections, pools } = user
    const each = maxConnections * pools
    if (limit === null || pods * each <= limit.most) continue
    const more = name.startsWith('Sink')
      ? `, or put a pooler in between and write its limit in ${section}.connectionLimit`
      : ''
    const connections = counted(each, 'connection')
    const need =
      pods === 1
        ? `one pod opens up to ${connections}`
        : `${pods} pods, as many as can have work, with ${connections} each are ${pods * each}`
    const fewer = pods === 1 ? '' : ' or the number of pods'
    problems.push(
      `${name}: ${need}, and ${limit.says} allows ${limit.most}. Remedy: lower ${section}.maxConnections${fewer}${more}.`,
    )
  }
  return problems
}

function usersOf(config: Config): User[] {
  const sinks = Object.entries(config.sinks).flatMap(([name, sink]): User[] => {
    if (sink.type !== 'postgres') return []
    const open = () => openPostgresPool(name, sink, silentLog)
    return [{ ...sink, name: `Sink ${name}`, section: `sinks.${name}`, pools: 1, open }]
  })
  const { offsets, parked } = config
  const pools = unitsOf(config).length
  const ofOffsets = {
    ...{ name: 'Offsets', section: 'offsets.postgres', pools },
    maxConnections: offsets.postgres.maxConnections,
    open: () => openOffsetsPool(config, silentLog),
  }
  const ofRecorded = { ...ofOffsets, name: 'Recorded offsets', maxConnections: 1 }
  const ofParked = {
    ...{ name: 'Parked records', section: 'parked.postgres', pools },
    maxConnections: parked.postgres.maxConnections,
    open: () => openParkedPool(config, silentLog),
  }
  return [
    ...sinks,
    ...(offsets.store === 'postgres' ? [ofOffsets] : []),
    ...(recordsOffsets(config) ? [ofRecorded] : []),
    ...(parked.store === 'postgres' ? [ofParked] : []),
  ]
}

async function limitOf({ section, connectionLimit, open }: User) {
  if (connectionLimit !== undefined) {
    return { most: connectionLimit, says: `${section}.connectionLimit` }
  }
  const pool = open()
  try {
    const { rows } = await pool.query(
      `select current_setting('max_connections')::int
         - current_setting('superuser_reserved_connections')::int as most`,
    )
    return { most: Number(rows[0]?.most), says: 'max_connections of the server' }
  } catch {
    return null
  } finally {
    await pool.close()
  }
}
