import type { Config } from '../../config/types.ts'
import { DueRecords } from '../../flow/parked/due-records.ts'
import type { DueParts } from '../../flow/parked/types.ts'
import type { ParkingPlace } from '../../flow/types.ts'
import { codeOf } from '../../kernel/errors.ts'
import type { ToPark } from '../../kernel/shapes/parked.ts'
import { createBatcher } from '../../sink/batcher.ts'
import { createParkedTable } from '../../sink/postgres/parked/table.ts'
import { createMigrateOnce } from '../../sink/postgres/tables/migrate-once.ts'
import { withoutRefused } from '../offsets/without-refused.ts'
import { ownerName } from '../room-options.ts'
import { createDueStore, type ParkingParts } from './due-store.ts'
import { openParkedPool, parkedMigration } from './open-parked.ts'

/** The parked records of one group. */
export interface Parking {
  readonly place: ParkingPlace
  /** Handles those that are due, once it is started. */
  createDue(parts: Omit<DueParts, 'store'>): DueRecords
  /** Waits for writes under way. */
  close(): Promise<void>
}

/** null: there is no place for parked records. */
export function createParking(config: Config, parts: ParkingParts): Parking | null {
  const { parked, kafka } = config
  if (parked.store === 'none') return null
  const { lease, maxRecords, hold, afterRetries, backoff } = parked
  const { store } = parts
  const log = parts.log.child({ room: 'sink' })
  const group = kafka.groupId
  const owner = ownerName(config)
  const pool = openParkedPool(config, log, {}, parts.meters)
  const options = { group, table: parked.postgres.table, owner, lease, maxRecords }
  const prepare = parked.postgres.migrate
    ? createMigrateOnce(parkedMigration(config), pool, log)
    : async () => {}
  const table = createParkedTable(options, pool, prepare)
  const batcher = createBatcher<ToPark>({
    write: (all) =>
      pool.transact(async (query) => {
        for (const each of all) await table.park(query, each)
      }),
    sizeOf: ({ record }) => (record.key?.length ?? 0) + (record.value?.length ?? 0),
    maxItems: 200,
    maxBytes: 4 * 1024 ** 2,
    isolates: (error) => codeOf(error) === 'OCC_POSTGRES_VALUE',
  })

  return {
    place: {
      hold: hold === 'key' ? table : null,
      afterRetries: afterRetries ? backoff : null,
      async park(toPark, of) {
        await table.admit()
        if (store === null) return batcher.add(toPark)
        return withoutRefused(of.writes, toPark.handler, true, (writes, handler) => {
          const each = { ...toPark, handler }
          return store.finish(each.record, (query) => table.park(query, each), { ...of, writes })
        })
      },
    },
    createDue: (due) =>
      new DueRecords(parked, { ...due, store: createDueStore(config, { ...parts, table, pool }) }),
    async close() {
      await batcher.idle()
      await pool.close()
    },
  }
}
