import assert from 'node:assert/strict'
import test from 'node:test'
import { createDueStore } from '../../../../src/app/parked/due-store.ts'
import { CodedError, OccError } from '../../../../src/kernel/errors.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
import { createMeters } from '../../../../src/observe/meters/meters.ts'
import type { ClaimedRecord, ParkedTable } from '../../../../src/sink/postgres/parked/types.ts'
import type { PostgresPool } from '../../../../src/sink/postgres/pool.ts'
import { configOf, folder, loadYaml } from '../../config/support.ts'

const AWAY = new CodedError('OCC_POSTGRES_CONNECT', 'away', { retriable: true })

function claimed(offset: number): ClaimedRecord {
  const place = { topic: 'solana.transfers', partition: 0, offset, timestamp: 0 }
  const record = { ...place, key: null, value: null, headers: undefined }
  const due = { handler: 'h', isReplay: false, times: 1, since: 0 }
  return { id: String(offset), claim: '1', record, attempts: 0, holds: false, due }
}

test('a parked record that is given up while the database is away becomes one letter, however often its end is tried', async (t) => {
  const files = folder(t, { url: 'postgres://localhost/none' })
  const config = configOf(
    loadYaml(t, `parked: {store: postgres, postgres: {urlFile: ${files}/url}}`),
  )
  const letters: string[] = []
  const ended: string[] = []
  let isAway = true
  const table = { end: async (_: unknown, { id }: ClaimedRecord) => void ended.push(id) }
  const pool = {
    async transact(work: (query: never) => Promise<unknown>) {
      if (isAway) throw AWAY
      return work(undefined as never)
    },
  }
  const store = createDueStore(config, {
    table: table as unknown as ParkedTable,
    pool: pool as unknown as PostgresPool,
    ...{ store: null, held: new Map(), tracing: null, log: silentLog },
    deadLetters: {
      keep: async ({ record, handler }) => void letters.push(`${record.offset} ${handler}`),
      check: async () => {},
      close: async () => {},
    },
    letterMeter: createMeters().deadLetterTarget('file'),
    meters: createMeters(),
  })
  const give = (one: ClaimedRecord, handler = 'h') => {
    const error = new OccError('OCC_HANDLER', 'no')
    const { record } = one
    const letter = { record, error, handler, attempts: 3, redrives: 0, failedAt: 0 }
    return store.letter(one, letter, [])
  }
  const [first, second] = [claimed(1), claimed(2)]
  for (let attempt = 0; attempt < 3; attempt++) await assert.rejects(give(first))
  await assert.rejects(give(second))
  isAway = false
  await give(first)
  await give(second)
  assert.deepEqual(
    [letters, ended],
    [
      ['1 h', '2 h'],
      ['1', '2'],
    ],
  )
})
