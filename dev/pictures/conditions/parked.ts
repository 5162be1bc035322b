import { silentLog } from '../../../src/kernel/log.ts'
import { createPostgresPool } from '../../../src/sink/postgres/pool.ts'
import { startPostgres } from '../../postgres/embedded-postgres.ts'
import { asking } from './records.ts'
import type { Stage } from './stage.ts'

/** They are due, and a paused handler holds them; then there is no place to park more. */
export async function parked(stage: Stage): Promise<void> {
  const { createTopic, send, sees, undo } = stage
  await createTopic('parked')
  const postgres = await startPostgres()
  undo.push('postgres', () => postgres.close())
  const service = await stage.pod('parked', {
    topics: ['parked'],
    config: {
      parked: { store: 'postgres', postgres: { urlFile: postgres.urlFile, migrate: true } },
    },
  })
  await sees(service, 'keeping-up')
  await postgres.kill()
  await send('parked', [asking('park'), asking('')])
  await sees(service, 'not-parked')
  await postgres.start()
  await sees(service, 'keeping-up')
  await service.post('/api/v1/pause', { handler: 'ledger' })
  const limits = { maxConnections: 1, connectionTimeout: 5_000, statementTimeout: 10_000 }
  const pool = createPostgresPool({ urlFile: postgres.urlFile, ...limits }, silentLog, 'parked')
  try {
    await pool.query(`update onchain_parked set due_at = now() - interval '10 minutes'`)
  } finally {
    await pool.close()
  }
  await sees(service, 'parked-overdue', { isNote: true })
}
