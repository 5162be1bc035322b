import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type EmbeddedPostgres, startPostgres } from '../../../dev/postgres/embedded-postgres.ts'
import { createSynthesizer } from '../../../dev/synthetic/synthesizer.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until, useKafka } from '../harness.ts'
import { poolOf } from '../sinks/postgres-table.ts'
import { plainEnvironment, startService } from './process.ts'

const COUNT = 40
const KEPT = 15
/** Milliseconds, on a machine that does much else. */
const PATIENCE = 120_000

const topicOf = (workers: number) => `solana.transfers.${workers}`
const embedded = useKafka(async ({ createTopic }) => {
  for (const workers of [0, 1]) await createTopic(topicOf(workers))
})
let postgres: EmbeddedPostgres
before(async () => {
  postgres = await startPostgres()
})
after(() => postgres?.close())

for (const workers of [0, 1]) {
  test(`a database that loses its last transactions under a running service gets their rows again (workers: ${workers})`, async (t) => {
    const pool = poolOf(postgres.urlFile)
    t.after(() => pool.close())
    const topic = topicOf(workers)
    const table = `rows_${workers}`
    const offsets = `offsets_${workers}`
    await pool.query(`create table ${table} (id text, place bigint)`)
    const { urlFile } = postgres
    const columns = { id: 'id', place: { from: 'offset', type: 'bigint' } }
    const file = join(temporaryFolder(t), 'config.yaml')
    const config = {
      decode: { topics: [{ pattern: 'solana.*', format: 'json', events: 'solana.transfers' }] },
      offsets: { store: 'postgres', postgres: { urlFile, table: offsets, migrate: true } },
      sinks: { db: { type: 'postgres', urlFile, table, columns } },
      handlers: [{ sink: 'db' }],
      processing: { workers },
    }
    writeFileSync(file, JSON.stringify(config))
    const service = startService(t, plainEnvironment(t, embedded.kafka, topic), ['--config', file])
    const isReady = async () => (await service.get('/readyz')).status === 200
    await until(isReady, 'the service to be ready', PATIENCE)

    const stream = { stream: 'solana', partitions: 1, lz4Share: 0 } as const
    const synthesizer = createSynthesizer({ seed: 3, ...stream })
    const ids: string[] = []
    let sent = 0
    async function produce(count: number): Promise<void> {
      const values = Array.from({ length: count }, () => {
        ids.push(...synthesizer.eventIds(sent++))
        return String(synthesizer.next().value)
      })
      await embedded.produce(topic, values)
    }
    const stored = async () => (await pool.query(`select id from ${table} order by 1`)).rows
    const written = () =>
      until(async () => (await stored()).length >= ids.length, `${ids.length} rows`, PATIENCE)
    await produce(COUNT)
    await written()

    // As a standby has it that is promoted before it got the last transactions, or a restore.
    await pool.transact(async (query) => {
      await query(`delete from ${table} where place >= ${KEPT}`)
      await query(
        `update ${offsets} set next_offset = ${KEPT}, finished_above = '', writes = writes - 1`,
      )
    })
    await produce(1)
    await written()
    assert.deepEqual(
      (await stored()).map(({ id }) => id),
      ids.toSorted(),
    )
    assert.equal((await service.end()).code, 0)
  })
}
