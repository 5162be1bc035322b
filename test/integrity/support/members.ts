import assert from 'node:assert/strict'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { until } from '../../support/waiting.ts'
import type { Service } from './service.ts'
import type { Scene } from './setup.ts'

/** A killed member is missed this soon; yet a slow machine must not look like a killed one. */
const SESSION = { KAFKA_SESSION_TIMEOUT_MS: '6000', KAFKA_HEARTBEAT_INTERVAL_MS: '500' }

/** Several services of one group, one of which ends now and then. */
export interface Members {
  /** Those that run now. */
  readonly services: readonly Service[]
  /** Numbers of those that were ended by kill -9. */
  readonly killed: ReadonlySet<number>
  /** Those that were ended by SIGTERM. */
  readonly restarts: number
  /**
   * Kills a member, restarts the next one in order, and so on, each in turn, until the promise
   * resolves and both has been done at least `least` times.
   */
  churn(until: Promise<unknown>, least: number): Promise<void>
  /** Resolves when they have all partitions between them, and this many records are committed. */
  committed(records: number): Promise<void>
  /** In order. */
  terminate(): Promise<void>
}

/** Resolves when all are members. */
export async function startMembers(scene: Scene, config: object, count: number): Promise<Members> {
  const services = await Promise.all(
    Array.from({ length: count }, () => scene.run(config, SESSION)),
  )
  await Promise.all(services.map((service) => service.ready()))
  const killed = new Set<number>()
  let restarts = 0

  async function end(service: Service, isKill: boolean): Promise<void> {
    if (isKill) {
      killed.add(service.number)
      await service.kill()
      return
    }
    restarts += 1
    assert.equal(await service.terminate(), 0)
  }

  return {
    services,
    killed,
    get restarts() {
      return restarts
    },
    async churn(over, least) {
      let isOver = false
      const watch = over.finally(() => {
        isOver = true
      })
      // How it ends is for the caller to see.
      watch.catch(() => {})
      for (let turn = 0; !isOver || Math.min(killed.size, restarts) < least; turn++) {
        const index = turn % count
        const service = services[index]
        assert.ok(service)
        // By turns, and with an even number of members the other way round in each round.
        await end(service, (turn + (count % 2 === 0 ? Math.floor(turn / count) : 0)) % 2 === 0)
        const next = await scene.run(config, SESSION)
        services[index] = next
        await next.ready()
      }
      await over
    },
    async committed(records) {
      let view = ''
      const isDone = async () => {
        await sleep(500)
        const reports = await Promise.all(
          services.map(async (service) => JSON.parse((await service.get('/lag')).body)),
        )
        const partitions = reports.flatMap((report) => report.partitions)
        const committed = partitions.reduce((sum, each) => sum + (each.committed ?? 0), 0)
        view = `${committed} of ${records} in ${partitions.length} partitions`
        return partitions.length === scene.partitions && committed === records
      }
      await until(isDone, 'all records to be committed', 300000).catch((error) => {
        throw new Error(`${error.message} ${view}`)
      })
    },
    async terminate() {
      for (const service of services) assert.equal(await service.terminate(), 0)
    },
  }
}
