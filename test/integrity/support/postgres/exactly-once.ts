import type { Ledger } from '../ledger.ts'
import type { Scene } from '../setup.ts'
import { sizeOf } from '../size.ts'
import type { Database } from './postgres.ts'

/** Worker threads of each member. */
export const WORKERS = sizeOf('WORKERS', 0)

/** A table without a key, so that a row that is written twice shows. Returns what a sink needs for it. */
export async function createRows({ query }: Database): Promise<{ table: string; columns: object }> {
  await query('create table rows (id text, partition int, place bigint)')
  const columns = {
    id: 'id',
    partition: { from: 'partition', type: 'int' },
    place: { from: 'offset', type: 'bigint' },
  }
  return { table: 'rows', columns }
}

/** The configuration of a service that keeps its offsets with its rows. */
export function exactlyOnce(urlFile: string, sink: object): object {
  return {
    offsets: { store: 'postgres', postgres: { urlFile, migrate: true } },
    sinks: { db: { type: 'postgres', urlFile, ...sink } },
    handlers: [{ sink: 'db' }],
    processing: { workers: WORKERS },
    circuit: { probeAfter: '300ms', maxProbeAfter: '2s' },
    flow: { rebalanceDrain: '3s' },
  }
}

/** Rows of the table of offsets that are not where Kafka was told, or have something left above. */
export async function compareOffsets(
  { groupId }: Scene,
  ledger: Pick<Ledger, 'committed'>,
  database: Database,
) {
  const { byPartition } = await ledger.committed()
  const rows = await database.query(
    `select partition, next_offset::text as next, finished_above as above from onchain_offsets where consumer_group = '${groupId}' order by 1`,
  )
  const wrong = rows.filter(
    ({ partition, next, above }) =>
      Number(next) !== byPartition.get(Number(partition)) || above !== '',
  )
  return { partitions: rows.length, wrong }
}
