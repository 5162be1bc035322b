import assert from 'node:assert/strict'
import pg from 'pg'
import { keepBacklog } from './harness/backlog.ts'
import { documentedBlock } from './harness/documented.ts'
import { startHostPostgres } from './harness/host/postgres.ts'
import { printFigures, recordFigures } from './harness/print.ts'
import { scenario } from './harness/scenario.ts'
import { PARTITIONS, TOPIC } from './harness/scene.ts'
import { mergeValues } from './harness/values.ts'
import { until } from './harness/waiting.ts'

/** Records that wait at any time, so that a slow machine is not left with more than it can do. */
const BACKLOG = 120
/** The file that both sinks and the offsets name, so that all are in one transaction. */
const URL_FILE = '/etc/onchain-consumer/sinks/db/url'

/** Each id is one row of a table without a key, and one of the table that the Job makes. */
const HANDLER = `
export default {
  name: 'rows',
  async handle({ document: { id } }, { emit }) {
    await emit('db', { kind: 'transfer', chain: 'e2e', id, time: 0, success: true })
    await emit('plain', { id })
  },
}
`

scenario(
  'postgres',
  'rows and offsets in PostgreSQL, tables by the migrate Job as their owner: from 1 to 12 pods and back under load, each id once',
  async (scene) => {
    const { namespace, release, values, undo, http, drained, settled, account } = scene
    const url = await startHostPostgres(undo)
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    undo.push('client', () => client.end())
    await client.query(documentedBlock('postgres.md', 'Rights', 'sql'))
    await client.query(`set role chain_owner; create table chain.plain (id text); reset role`)
    for (const user of ['service', 'owner']) {
      const login = { username: `chain_${user}`, password: `${user}-password` }
      const { href } = Object.assign(new URL(url), login)
      const secret = ['create', 'secret', 'generic', `rows-${user}`, `--from-literal=url=${href}`]
      await namespace.kubectl(secret)
    }
    const stored = mergeValues(values, {
      config: {
        // Records end in any order: what is finished above the offset moves from pod to pod, too.
        processing: { order: 'none' },
        handlers: [{ path: '/etc/onchain-consumer/handlers/rows.mjs' }],
        sinks: {
          db: { type: 'postgres', table: 'chain.transfers', events: 'transfers' },
          plain: {
            ...{ type: 'postgres', urlFile: URL_FILE, table: 'chain.plain' },
            columns: { id: 'id' },
          },
        },
        offsets: {
          store: 'postgres',
          postgres: { urlFile: URL_FILE, table: 'chain.onchain_offsets' },
        },
      },
      handlerFiles: { files: { 'rows.mjs': HANDLER } },
      sinkSecrets: { db: { existingSecret: 'rows-service' } },
      migrateJob: { enabled: true, sinkSecrets: { db: { existingSecret: 'rows-owner' } } },
    })
    await release.install(stored, '--wait', '--timeout', '120s')
    await settled(1, 60)

    const endLoad = await keepBacklog(scene, BACKLOG)
    const scaleTo = async (pods: number) => {
      const scale = ['scale', `deployment/${release.fullName}`, `--replicas=${pods}`]
      const began = performance.now()
      await namespace.kubectl(scale)
      const ready = await settled(pods, 240)
      await until(`${pods} pods to have equal parts`, 60, async () => {
        const reports = await Promise.all(ready.map(({ metadata }) => http.lag(metadata.name)))
        return reports.every(({ totals }) => totals.partitions === PARTITIONS / pods)
      })
      return ((performance.now() - began) / 1000).toFixed(1)
    }
    const up = await scaleTo(PARTITIONS)
    const down = await scaleTo(1)
    await endLoad()
    await drained(90)

    const one = async (sql: string) => (await client.query(sql)).rows[0]
    const { produced } = account.totals()
    // The log says a record before its offset is written.
    const written = await until('every offset to be in the table', 30, async () => {
      const { offsets } = await one(
        `select sum(next_offset) as offsets from chain.onchain_offsets where topic = '${TOPIC}'`,
      )
      return Number(offsets) >= produced && Number(offsets)
    })
    const { plain, ids, transfers } = await one(`
      select (select count(*)::int from chain.plain) as plain,
        (select count(distinct id)::int from chain.plain) as ids,
        (select count(*)::int from chain.transfers) as transfers`)
    const rights = await one(`
      select bool_and(tableowner = 'chain_owner') as owned,
        bool_or(has_table_privilege('chain_service', 'chain.' || tablename, 'DELETE, TRUNCATE')) as deletes,
        has_schema_privilege('chain_service', 'chain', 'CREATE') as creates
      from pg_tables where schemaname = 'chain'`)
    printFigures('postgres', {
      'to 12 pods, s': up,
      'back to 1, s': down,
      ...recordFigures(account.totals()),
      rows: plain,
      'rows of ids that have one': plain - ids,
      'ids without a row': produced - ids,
      'offsets in the table': written,
    })
    assert.deepEqual([plain, ids], [produced, produced], 'each id is one row')
    assert.equal(transfers, produced, 'also of the table with a key')
    assert.equal(written, produced, 'the offsets are those of the rows')
    assert.deepEqual(rights, { owned: true, deletes: false, creates: false })
  },
)
