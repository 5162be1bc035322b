import assert from 'node:assert/strict'
import { until } from '../../../support/waiting.ts'
import { longestPause, printFigures, readHandled, settled } from '../accounting.ts'
import type { Service } from '../service.ts'
import type { Scene } from '../setup.ts'
import type { OffsetsWatch } from './offsets-watch.ts'

// A group whose members are this service and other clients.

/** A service with this strategy, or several in their order; resolves when it has partitions. */
export async function joinGroup(scene: Scene, strategies: string): Promise<Service> {
  const service = await scene.start({
    KAFKA_PARTITION_ASSIGNMENT_STRATEGY: strategies,
    KAFKA_SESSION_TIMEOUT_MS: '6000',
    KAFKA_HEARTBEAT_INTERVAL_MS: '500',
  })
  await service.ready()
  await until(async () => {
    const { partitions } = JSON.parse((await service.get('/lag')).body)
    return partitions.length > 0
  }, 'it to have partitions')
  return service
}

/** Each record was handled, all are committed, and no offset went back. */
export async function checkGroup(
  name: string,
  scene: Scene,
  offsets: OffsetsWatch,
  ids: readonly string[],
  figures: Readonly<Record<string, unknown>>,
): Promise<void> {
  const result = await settled(scene.folder, ids)
  await until(() => offsets.sum() === ids.length, 'all to be committed', 60000).catch(() => {})
  await offsets.stop()
  // Kafka's tool does not tell when.
  const pause = longestPause(readHandled(scene.folder).filter(({ time }) => time > 0))
  printFigures(name, {
    ...figures,
    'records in': result.produced,
    'records out': result.handled + result.failed,
    lost: result.lost,
    duplicated: `${result.repeated} (${((100 * result.repeated) / result.produced).toFixed(3)} %)`,
    'longest pause': `${pause.ms} ms (partition ${pause.partition})`,
    'offsets read': `${offsets.readings} times, went back ${offsets.backwards.length} times`,
    committed: offsets.sum(),
  })
  assert.deepEqual(result.lostIds, [])
  assert.deepEqual(offsets.backwards, [])
  assert.equal(offsets.sum(), ids.length)
}
