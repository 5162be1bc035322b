import type { OwnStatements } from '../../commit/transactions/types.ts'
import type { Config } from '../../config/types.ts'
import type { DueStore } from '../../flow/parked/types.ts'
import { codeOf } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { DeadLetter, DeadLetterTarget } from '../../kernel/shapes/dead-letter.ts'
import type { HeldWrite } from '../../kernel/shapes/held-write.ts'
import type { DeadLetterMeter, Meters } from '../../observe/types.ts'
import { meteredKeep } from '../../sink/dead-letters/metered-target.ts'
import type { HeldSink } from '../../sink/emit/types.ts'
import type { ClaimedRecord, ParkedTable } from '../../sink/postgres/parked/types.ts'
import type { PostgresPool } from '../../sink/postgres/pool.ts'
import type { GroupTracing } from '../../tracing/tracing.ts'
import type { OffsetStore } from '../offsets/create-offset-store.ts'
import { createKeepOnce } from '../offsets/keep-once.ts'
import { holdsLetters } from '../offsets/open-offsets-pool.ts'
import { transactionTarget } from '../offsets/transaction-target.ts'
import { withoutRefused } from '../offsets/without-refused.ts'

export interface ParkingParts {
  /** null: a record is parked before its offset is finished, not with it. */
  readonly store: OffsetStore | null
  readonly held: ReadonlyMap<string, HeldSink>
  readonly deadLetters: DeadLetterTarget
  readonly letterMeter: DeadLetterMeter
  readonly meters: Pick<Meters, 'database'>
  /** null: nothing is traced. */
  readonly tracing: Pick<GroupTracing, 'letter'> | null
  readonly log: Log
}

interface DueStoreParts extends ParkingParts {
  readonly table: ParkedTable
  readonly pool: PostgresPool
}

/** What ends the claim of a parked record, with what else belongs into its transaction. */
export function createDueStore(config: Config, parts: DueStoreParts): DueStore {
  const { table, pool, store, held, deadLetters, letterMeter, tracing } = parts
  const group = config.kafka.groupId
  const areLettersHeld = holdsLetters(config)
  const target = transactionTarget(config, held, pool)
  const keepOnce = createKeepOnce<ClaimedRecord>(deadLetters)

  async function transact(
    own: OwnStatements,
    writes: readonly HeldWrite[] = [],
    letters: readonly DeadLetter[] = [],
  ): Promise<void> {
    // A commit whose answer was lost is no doubt here: if it was made, the record is not ours now.
    const result = await target.run({ moves: [], writes, letters, own: [own] })
    if (result.kind === 'committed') return
    if (result.kind === 'mismatch') throw new Error('an offset was moved')
    const { cause } = result.error
    throw codeOf(cause) === 'OCC_PARKED_FENCED' ? cause : result.error
  }

  async function keepLetter(
    claimed: ClaimedRecord,
    letter: DeadLetter,
    writes: readonly HeldWrite[],
  ): Promise<void> {
    const end: OwnStatements = (query) => table.end(query, claimed)
    if (!areLettersHeld) {
      await keepOnce(claimed, letter)
      return transact(end, writes)
    }
    try {
      await meteredKeep(letterMeter, letter, () => transact(end, writes, [letter]))
    } catch (error) {
      // A table that is missing is made by the target.
      if (codeOf(error) !== 'OCC_PARKED_FENCED') await deadLetters.check().catch(() => {})
      throw error
    }
  }

  return {
    claim: table.claim,
    renew: table.renew,
    release: table.release,
    count: table.count,
    end: (claimed) => transact((query) => table.end(query, claimed)),
    again: (claimed, how, all) =>
      withoutRefused(all, how.handler, true, (writes, handler) =>
        transact((query) => table.again(query, claimed, { ...how, handler }), writes),
      ),
    letter: (claimed, failed, all) =>
      withoutRefused(all, failed.handler, areLettersHeld, (writes, handler) => {
        const letter = { ...failed, handler, group }
        const keep = (own: DeadLetter) => keepLetter(claimed, own, writes)
        return tracing === null ? keep(letter) : tracing.letter(letter, keep)
      }),
    writer: (claimed) =>
      store === null
        ? null
        : { write: (_, writes) => transact((query) => table.end(query, claimed), writes) },
  }
}
