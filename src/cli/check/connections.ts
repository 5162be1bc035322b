import { openPostgresPool, type PostgresConfig } from '../../app/open-postgres-sink.ts'
import type { Config } from '../../config/types.ts'
import { silentLog } from '../../kernel/log.ts'

/**
 * Sinks whose database would run out of connections with the most pods that can have work, one line
 * each. A database that does not answer is not told here: the check of the sink tells it.
 *
 * @param partitions Of all topics together.
 */
export async function connectionProblems(
  { sinks, kafka: { consumers } }: Config,
  partitions: number,
): Promise<readonly string[]> {
  const pods = Math.ceil(partitions / consumers)
  const problems: string[] = []
  for (const [name, sink] of Object.entries(sinks)) {
    if (sink.type !== 'postgres') continue
    const limit = await limitOf(name, sink)
    const wanted = pods * sink.maxConnections
    if (limit === null || wanted <= limit.most) continue
    problems.push(
      `Sink ${name}: ${pods} pods, as many as can have work, with ${sink.maxConnections} connections each are ${wanted}, and ${limit.says} allows ${limit.most}. Remedy: lower sinks.${name}.maxConnections or the number of pods, or put a pooler in between and write its limit in sinks.${name}.connectionLimit.`,
    )
  }
  return problems
}

async function limitOf(name: string, sink: PostgresConfig) {
  const { connectionLimit } = sink
  if (connectionLimit !== undefined) {
    return { most: connectionLimit, says: `sinks.${name}.connectionLimit` }
  }
  const pool = openPostgresPool(name, sink, silentLog)
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
