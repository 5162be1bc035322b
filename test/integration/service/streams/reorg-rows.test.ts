import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { type EmbeddedPostgres, startPostgres } from '../../../../dev/postgres/embedded-postgres.ts'
import { schemasFolder } from '../../../../dev/synthetic/protobuf.ts'
import { block } from '../../../support/records/evm-block.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { until, useKafka } from '../../harness.ts'
import { poolOf } from '../../sinks/postgres-table.ts'
import { plainEnvironment, startService } from '../process.ts'

const embedded = useKafka()
let postgres: EmbeddedPostgres
before(async () => {
  postgres = await startPostgres()
})
after(() => postgres?.close())

const TOPIC = 'eth.tokens.proto'
const GROUP = 'rows'
/** Their first byte is four bits of the number and four of the branch. */
const HEX = `encode(decode(substr(HASH, 3, 2), 'hex'), 'hex')`
const nameOf = (hash: string) => HEX.replace('HASH', hash)

async function setUp(t: TestContext) {
  const pool = poolOf(postgres.urlFile)
  t.after(() => pool.close())
  await pool.query('create table own (id text, block text)')
  await embedded.createTopic(TOPIC)
  const db = { type: 'postgres', urlFile: postgres.urlFile }
  const columns = { id: 'id', block: 'block.hash' }
  const file = join(temporaryFolder(t), 'config.yaml')
  const offsets = { store: 'postgres', postgres: { urlFile: postgres.urlFile, migrate: true } }
  const config = {
    decode: { protobuf: { schemas: schemasFolder, reorgs: true } },
    offsets,
    handlers: [{ sink: 'marked' }, { sink: 'deleted', name: 'deleting' }],
    sinks: {
      marked: { ...db, events: 'transfers', migrate: true, onReorg: 'mark' },
      deleted: { ...db, table: 'own', columns, onReorg: 'delete' },
    },
  }
  await writeFile(file, JSON.stringify(config))
  const env = plainEnvironment(t, embedded.kafka, TOPIC, GROUP)
  const texts = async (sql: string) =>
    (await pool.query(sql)).rows.map((row) => String(row['text'])).sort()
  return {
    pool,
    start: () => startService(t, env, ['--config', file]),
    send: (values: readonly Buffer[]) =>
      embedded.send(
        TOPIC,
        values.map((value) => ({ value })),
      ),
    handled: (total: number) =>
      until(
        async () => (await embedded.committedTotal(GROUP, TOPIC)) === total,
        `${total} are handled`,
      ),
    /** `30<31`: block 3 of branch 0, in whose place block 3 of branch 1 is. */
    marked: () =>
      texts(
        `select ${nameOf('block_hash')} || coalesce('<' || ${nameOf('superseded_by')}, '') as text from onchain_transfers`,
      ),
    kept: () => texts(`select ${nameOf('block')} as text from own`),
  }
}

test('rows of superseded blocks are marked or deleted together with the offset, also when offsets are set back', async (t) => {
  const { pool, start, send, handled, marked, kept } = await setUp(t)
  const first = start()
  await first.ready()
  // Branch 1 leaves after block 2; then a message of block 4 of branch 0 that is late.
  await send([1, 2, 3, 4].map((number) => block(number, 0)))
  await send([block(3, 1, 0), block(4, 1), block(4, 0, 0, 90)])
  await handled(7)
  const left = ['10', '20', '30<31', '31', '40<31', '40<31', '41']
  assert.deepEqual(await marked(), left)
  assert.deepEqual(await kept(), ['10', '20', '31', '41'])
  assert.equal((await first.end()).code, 0)

  // Everything again, by a process that has forgotten the blocks: nothing is there twice, nothing is otherwise.
  const rewind = () =>
    pool.query(
      `update onchain_offsets set next_offset = 0, finished_above = '', writes = writes + 1`,
    )
  await rewind()
  await pool.query('truncate own')
  const second = start()
  await second.ready()
  await send([block(5, 1)])
  await handled(8)
  assert.deepEqual(await marked(), [...left, '51'].toSorted())
  assert.deepEqual(await kept(), ['10', '20', '31', '41', '51'])

  // Branch 0 wins after all: its rows that are marked become valid, those that are deleted do not return.
  await send([block(6, 0, 0)])
  await send([block(5, 0)])
  await handled(10)
  assert.deepEqual(
    (await marked()).filter((name) => !name.includes('<')),
    [...['10', '20', '30', '40', '40', '50', '60']],
  )
  assert.deepEqual(await kept(), ['10', '20', '50', '60'])
  assert.equal((await second.end()).code, 0)
})
