import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { schemasFolder } from '../../../dev/synthetic/protobuf.ts'
import { until } from '../../support/waiting.ts'
import { printFigures } from '../support/accounting.ts'
import { readLines } from '../support/attempts.ts'
import { type BlockOf, blockOf, messageOf, nameOf } from '../support/evm-blocks.ts'
import { openLedger } from '../support/ledger.ts'
import { createDatabase } from '../support/postgres/postgres.ts'
import type { Service } from '../support/service.ts'
import { createScene, startProducer } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'

/** Forks; the process that has the partition ends around each, in one of three ways in turn. */
const KILLS = sizeOf('KILLS', 3)
/** Blocks of each branch, and how many of them the next one supersedes. */
const LENGTH = 8
const DEPTH = 3

const ENDS = ['killed between the branches', 'handed over between them', 'killed at the reorg']

interface Line {
  readonly kind: string
  readonly blocks: readonly string[]
}

test('a fork whose branches lie on both sides of a kill -9 or a rebalance: a reorg before the new branch, and the old rows marked', async (t) => {
  const [scene, database] = await Promise.all([
    createScene(t, { topic: 'eth.tokens.proto', partitions: 1 }),
    createDatabase(t),
  ])
  const producer = await startProducer(t, scene.brokers)
  const ledger = openLedger(scene)
  t.after(() => ledger.close())
  const { urlFile } = database.postgres
  const config = {
    decode: { protobuf: { schemas: schemasFolder, reorgs: true } },
    handlers: [
      { path: join(import.meta.dirname, '../handlers/blocks.ts'), options: { wait: 1000 } },
      { sink: 'db' },
    ],
    sinks: {
      db: { type: 'postgres', urlFile, events: 'transfers', migrate: true, onReorg: 'mark' },
    },
  }
  const env = {
    ...{ KAFKA_SESSION_TIMEOUT_MS: '3000', KAFKA_HEARTBEAT_INTERVAL_MS: '500' },
    OCC_COMMIT_INTERVAL: '50ms',
  }
  const services: Service[] = []
  const start = async () => {
    const service = await scene.run(config, env)
    services.push(service)
    return service
  }

  function linesOf({ number }: Service): Line[] {
    const { lines = [] } = readLines(scene.folder).find(({ service }) => service === number) ?? {}
    return lines.map((line) => {
      const [, kind = '', ...hashes] = line.split(' ')
      return { kind, blocks: hashes.map(blockOf) }
    })
  }
  const given = () => services.flatMap(linesOf)

  const sent: string[] = []
  let top: BlockOf = { number: 0, branch: 0 }
  /** A branch that leaves `depth` blocks below the top. Returns its first block. */
  async function branch(depth: number): Promise<BlockOf> {
    const first = { number: top.number - depth + 1, branch: depth === 0 ? 0 : top.branch + 1 }
    const blocks = Array.from({ length: LENGTH }, (_, above) => {
      return { ...first, number: first.number + above }
    })
    const values = blocks.map((block) =>
      messageOf(block, block === blocks[0] ? top.branch : undefined),
    )
    await producer.send({ topic: scene.topic, messages: values.map((value) => ({ value })) })
    sent.push(...blocks.map(nameOf))
    top = blocks.at(-1) ?? top
    return first
  }

  let owner = await start()
  await branch(0)
  await ledger.committedToTheEnd()
  const expected: string[] = []
  const marked: string[] = []
  for (let fork = 0; fork < KILLS; fork++) {
    const end = ENDS[fork % ENDS.length]
    const old = Array.from({ length: DEPTH }, (_, below) => {
      return nameOf({ ...top, number: top.number - below })
    })
    if (end === ENDS[0]) await owner.kill()
    if (end === ENDS[1]) {
      const next = await start()
      await next.ready()
      assert.equal(await owner.terminate(), 0)
      owner = next
    }
    const to = nameOf(await branch(DEPTH))
    expected.push(`${old.at(-1)} -> ${to}`)
    marked.push(...old.map((name) => `${name} -> ${to}`))
    if (end === ENDS[2]) {
      const isGiven = ({ kind, blocks }: Line) => kind === 'reorg' && blocks[1] === to
      await until(() => linesOf(owner).some(isGiven), 'the reorg')
      await owner.kill()
    }
    if (end !== ENDS[1]) owner = await start()
    await ledger.committedToTheEnd()
  }

  const lines = given()
  const reorgs = lines.filter(({ kind }) => kind === 'reorg')
  const names = reorgs.map(({ blocks }) => blocks.join(' -> '))
  const handled = lines.flatMap(({ kind, blocks }) => (kind === 'transfer' ? blocks : []))
  const late = expected.filter((name) => {
    const to = name.split(' ').at(-1) ?? ''
    const isNew = ({ kind, blocks }: Line) => kind === 'transfer' && blocks[0] === to
    return lines.findIndex(isNew) < lines.findIndex(({ blocks }) => blocks.join(' -> ') === name)
  })
  const rows = await database.query('select block_hash, superseded_by from onchain_transfers')
  const rowNames = rows.map((row) => blockOf(String(row['block_hash'])))
  const rowMarks = rows.flatMap(({ block_hash: hash, superseded_by: by }) =>
    by === null ? [] : `${blockOf(String(hash))} -> ${blockOf(String(by))}`,
  )
  printFigures('forks over kill -9 and rebalances', {
    'records in': sent.length,
    'records out': new Set(handled).size,
    lost: sent.filter((name) => !handled.includes(name)).length,
    duplicated: handled.length - new Set(handled).size,
    forks: expected.length,
    'reorgs given': new Set(names).size,
    'given again': names.length - new Set(names).size,
    'after the new branch': late.length,
    rows: rows.length,
    'rows marked': rowMarks.length,
  })
  assert.deepEqual(
    sent.filter((name) => !handled.includes(name)),
    [],
  )
  assert.deepEqual([...new Set(names)].sort(), expected.toSorted())
  assert.deepEqual(late, [])
  assert.deepEqual(rowNames.toSorted(), sent.toSorted())
  assert.deepEqual(rowMarks.toSorted(), marked.toSorted())
  assert.equal(await owner.terminate(), 0)
})
