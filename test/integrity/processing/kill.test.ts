import assert from 'node:assert/strict'
import test from 'node:test'
import { printFigures, settled } from '../support/accounting.ts'
import type { Service } from '../support/service.ts'
import { createScene } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'

const KILLS = sizeOf('KILLS', 10)
/** Messages a second, for as long as processes are killed: half of what the handler takes one by one. */
const RATE = sizeOf('RATE', 150)

test('kill -9 of one of 3 processes under load, again and again: nothing is lost', async (t) => {
  const scene = await createScene(t)
  const env = {
    // The shortest session that the broker allows here: a killed member is missed sooner.
    ...{ KAFKA_SESSION_TIMEOUT_MS: '3000', KAFKA_HEARTBEAT_INTERVAL_MS: '500' },
    // Each kill finds records in flight, and a commit that was made beside them.
    ...{ HANDLE_MS: '20', OCC_COMMIT_INTERVAL: '100ms' },
  }
  const services: Service[] = await Promise.all([
    scene.start(env),
    scene.start(env),
    scene.start(env),
  ])
  async function killing(): Promise<void> {
    await Promise.all(services.map((service) => service.ready()))
    for (let kill = 0; kill < KILLS; kill++) {
      const index = kill % services.length
      await services[index]?.kill()
      const restarted = await scene.start(env)
      services[index] = restarted
      await restarted.ready()
    }
  }
  const during = killing()
  const { ids, expected } = await scene.produce({
    during,
    rate: RATE,
    poisonShare: 0.005,
    duplicateShare: 0.01,
  })
  await during
  const result = await settled(scene.folder, ids)
  printFigures('kill -9', {
    kills: KILLS,
    'records in': result.produced,
    'records out': result.handled + result.failed,
    'poison in': expected.poison,
    lost: result.lost,
    duplicated: result.repeated,
  })
  assert.deepEqual(result.lostIds, [])
  for (const service of services) assert.equal(await service.terminate(), 0)
})
