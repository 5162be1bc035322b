import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { printFigures } from '../support/accounting.ts'
import { readAttempts } from '../support/attempts.ts'
import { openLedger } from '../support/ledger.ts'
import type { Service } from '../support/service.ts'
import { createScene, type Scene } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'
import { makeTasks } from '../support/tasks.ts'

const NODES = sizeOf('NODES', 1)
const KILLS = sizeOf('KILLS', 6)
const RECORDS = sizeOf('RECORDS', 8_000)
/** Records a second: production goes on for about as long as processes are killed. */
const RATE = sizeOf('RATE', 250)
const PATH = join(import.meta.dirname, '../handlers/noting.ts')
const CONFIG = {
  handlers: [
    { path: PATH, name: 'shared', options: { name: 'shared' } },
    // Slower than the records come: its group falls behind, and the kills find it anywhere.
    {
      ...{ path: PATH, name: 'slow', group: 'own', order: 'none', concurrency: 2 },
      options: { name: 'slow', wait: 12 },
    },
  ],
}

interface Account {
  readonly committed: number
  readonly lost: readonly string[]
  readonly again: number
}

/** Offsets below the committed one of the group that the handler of this name has not handled. */
async function account(scene: Scene, groupId: string, name: string): Promise<Account> {
  const ledger = openLedger({ ...scene, groupId })
  // The offsets first: what is handled between the two looks is not lost.
  const { byPartition } = await ledger.committed().finally(() => ledger.close())
  const handled = readAttempts(scene.folder).filter(({ key }) => key === name)
  const seen = new Set(handled.map(({ partition, offset }) => `${partition}/${offset}`))
  const lost: string[] = []
  let committed = 0
  for (const [partition, end] of byPartition) {
    committed += end
    for (let offset = 0; offset < end; offset++) {
      if (!seen.has(`${partition}/${offset}`)) lost.push(`${partition}/${offset}`)
    }
  }
  return { committed, lost, again: handled.length - seen.size }
}

async function finished(scene: Scene, groupId: string): Promise<void> {
  const ledger = openLedger({ ...scene, groupId })
  await ledger.committedToTheEnd().finally(() => ledger.close())
}

test('a group of its own over kill -9 and rebalances: nothing is lost in either group', async (t) => {
  const scene = await createScene(t, { nodes: NODES })
  const groups = [
    [scene.groupId, 'shared'],
    [`${scene.groupId}.slow`, 'slow'],
  ] as const
  const env = { KAFKA_SESSION_TIMEOUT_MS: '3000', KAFKA_HEARTBEAT_INTERVAL_MS: '500' }
  const run = () => scene.run(CONFIG, env)
  const services: Service[] = await Promise.all([run(), run(), run()])
  async function killing(): Promise<void> {
    await Promise.all(services.map((service) => service.ready()))
    for (let kill = 0; kill < KILLS; kill++) {
      const index = kill % services.length
      const service = services[index]
      // Every third leaves as it should, which moves partitions without a fence.
      if (kill % 3 === 2) assert.equal(await service?.terminate(), 0)
      else await service?.kill()
      const restarted = await run()
      services[index] = restarted
      await restarted.ready()
    }
  }
  await Promise.all([killing(), scene.send(makeTasks(RECORDS), RATE)])
  const meanwhile = await Promise.all(groups.map(([id, name]) => account(scene, id, name)))
  await Promise.all(groups.map(([id]) => finished(scene, id)))
  const atEnd = await Promise.all(groups.map(([id, name]) => account(scene, id, name)))
  printFigures('a group of its own', {
    nodes: NODES,
    'kill -9 and restarts': KILLS,
    'records in': RECORDS,
    'committed when the kills were over': meanwhile.map(({ committed }) => committed).join(', '),
    'committed at the end': atEnd.map(({ committed }) => committed).join(', '),
    lost: atEnd.map(({ lost }) => lost.length).join(', '),
    duplicated: atEnd.map(({ again }) => again).join(', '),
  })
  for (const { lost } of [...meanwhile, ...atEnd]) assert.deepEqual(lost, [])
  for (const { committed } of atEnd) assert.equal(committed, RECORDS)
  for (const service of services) assert.equal(await service.terminate(), 0)
})
