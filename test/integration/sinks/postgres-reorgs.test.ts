import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import { type EmbeddedPostgres, startPostgres } from '../../../dev/postgres/embedded-postgres.ts'
import { openPostgresSink, type PostgresConfig } from '../../../src/app/sinks/open-postgres-sink.ts'
import { postgres as sinkSchema } from '../../../src/config/schema/sinks/postgres.ts'
import type { BlockName, ChainEvent } from '../../../src/decode/types.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { createMeters } from '../../../src/observe/meters/meters.ts'
import { createEmitSinks } from '../../../src/sink/emit/emit-sinks.ts'
import { poolOf } from './postgres-table.ts'

let postgres: EmbeddedPostgres
before(async () => {
  postgres = await startPostgres()
})
after(() => postgres?.close())

const NOW = Date.now()
let names = 0

/** A block by its name: `a3` is number 3 of branch a. */
function nameOf(block: string): BlockName {
  const branch = block.charCodeAt(0) - 96
  return { number: BigInt(block.slice(1)), hash: `0x${branch}${block.slice(1).padStart(3, '0')}` }
}

/** A transfer in a block. @param over when it came after its block was superseded */
function transfer(id: string, block: string, over: { supersededBy?: string } = {}): ChainEvent {
  return {
    ...{ id, chain: 'eth', kind: 'transfer', time: NOW, from: '0xa', to: '0xb' },
    ...{ addresses: [], asset: null, amount: 1n, success: true },
    block: { ...nameOf(block), parent: '0x', ...over },
  }
}

function reorg(to: string, superseded: string, restored = ''): ChainEvent {
  const blocks = (text: string) => text.split(' ').filter(Boolean).map(nameOf)
  const [from = ''] = superseded.split(' ')
  const hashes = { from: nameOf(from).hash, to: nameOf(to).hash }
  return {
    ...transfer(`reorg:${from}:${to}`, to),
    kind: 'reorg',
    reorg: { ...hashes, depth: 1, superseded: blocks(superseded), restored: blocks(restored) },
  }
}

const OWN = { id: 'id', block: { from: 'block.hash', type: 'bytea' } }

const tables = [
  { name: 'the table of the service', keys: { events: 'transfers', migrate: true } },
  { name: 'that by day', keys: { events: 'transfers', migrate: true, partitions: 'day' } },
  { name: 'a table of the user', keys: { columns: OWN, key: ['id', 'block'] } },
]

async function open(t: TestContext, keys: Record<string, unknown>) {
  const table = `rows_${++names}`
  const pool = poolOf(postgres.urlFile)
  t.after(() => pool.close())
  if ('columns' in keys) {
    await pool.query(
      `create table ${table} (id text, block bytea, superseded_by text, unique (id, block))`,
    )
  }
  const sinks: Array<ReturnType<typeof openPostgresSink>> = []
  function start() {
    const all = { type: 'postgres', urlFile: postgres.urlFile, table, ...keys }
    const parsed = sinkSchema.schema.parse(all) as PostgresConfig
    const sink = openPostgresSink('db', parsed, silentLog, createMeters().sink('db'))
    sinks.push(sink)
    const { emit, check } = createEmitSinks(new Map([['db', sink]]))
    return { check, emit: (value: unknown) => emit({ handler: 'h', id: 'i' }, 'db', value, null) }
  }
  t.after(() => Promise.all(sinks.map((sink) => sink.close())))
  const [id, hash] = 'columns' in keys ? ['id', `encode(block, 'hex')`] : ['event_id', 'block_hash']
  /** Each row as `id block`, with what is in the place of the block. */
  async function rows() {
    const block = `right(${hash}, 4)`
    const { rows: all } = await pool.query(
      `select ${id} || ' ' || ${block} || coalesce(' < ' || right(superseded_by, 4), '') as text from ${table} order by 1`,
    )
    return all.map((row) => String(row['text']))
  }
  return { ...start(), start, rows }
}

for (const { name, keys } of tables) {
  test(`mark: ${name} says which rows are of superseded blocks, and which are valid after all`, async (t) => {
    const { check, emit, start, rows } = await open(t, { ...keys, onReorg: 'mark' })
    assert.deepEqual(await check(), [])
    const fork = [reorg('b2', 'a2 a3'), transfer('x', 'b2')]
    // All at once: they share a statement, or follow each other.
    const sent = [[transfer('w', 'a1'), transfer('x', 'a2')], transfer('y', 'a3'), fork].map(emit)
    assert.deepEqual(await Promise.allSettled(sent).then((all) => all.map((one) => one.status)), [
      ...['fulfilled', 'fulfilled', 'fulfilled'],
    ])
    const left = ['w 1001', 'x 1002 < 2002', 'x 2002', 'y 1003 < 2002']
    assert.deepEqual(await rows(), left)
    // A repeat changes nothing, in this process and in the next.
    for (const repeat of [emit, start().emit]) {
      await repeat([transfer('w', 'a1'), transfer('x', 'a2')])
      await repeat(fork)
      assert.deepEqual(await rows(), left)
    }
    // What is late of the branch that was left, said by its event or known from the reorg.
    await emit([transfer('z', 'a4', { supersededBy: '0x2002' }), transfer('late', 'a3')])
    const late = [...left, 'late 1003 < 2002', 'z 1004 < 2002']
    assert.deepEqual(await rows(), late.toSorted())
    // Branch a wins after all.
    await emit([reorg('a5', 'b2', 'a2 a3 a4'), transfer('v', 'a5')])
    const won = ['late 1003', 'v 1005', 'w 1001', 'x 1002', 'x 2002 < 1005', 'y 1003', 'z 1004']
    assert.deepEqual(await rows(), won)
    // A retry of what came before: the newest that is known counts.
    await emit(fork)
    await emit(transfer('y', 'a3'))
    assert.deepEqual(await rows(), won)
  })

  test(`delete: ${name} has no rows of superseded blocks`, async (t) => {
    const { check, emit, rows } = await open(t, { ...keys, onReorg: 'delete' })
    assert.deepEqual(await check(), [])
    await emit([transfer('w', 'a1'), transfer('x', 'a2'), transfer('y', 'a3')])
    for (let times = 0; times < 2; times += 1) {
      await emit([reorg('b2', 'a2 a3'), transfer('x', 'b2')])
      assert.deepEqual(await rows(), ['w 1001', 'x 2002'])
    }
    await emit([transfer('late', 'a3'), transfer('z', 'a4', { supersededBy: '0x2002' })])
    assert.deepEqual(await rows(), ['w 1001', 'x 2002'])
  })
}

test('a table of the user that cannot be marked is said at the start', async (t) => {
  const pool = poolOf(postgres.urlFile)
  t.after(() => pool.close())
  await pool.query('create table unmarked (id text, block bytea)')
  const { check } = await open(t, { columns: OWN, onReorg: 'mark', table: 'unmarked' })
  const [problem] = await check()
  assert.match(String(problem?.error), /superseded_by/)
})
