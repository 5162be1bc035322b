import assert from 'node:assert/strict'
import { sleep } from '../../../../src/kernel/lifecycle.ts'
import type { CommitProxy } from '../../../support/servers/commit-proxy.ts'
import type { Service } from '../service.ts'
import type { Scene } from '../setup.ts'
import { sizeOf } from '../size.ts'

/** In full: KILLS=10 MOVES=10 LOST=20 CUT=10000 RATE=1000 */
export const TROUBLES = {
  kills: sizeOf('KILLS', 1),
  moves: sizeOf('MOVES', 1),
  /** Commits whose answer is lost; every second one is made late. */
  lost: sizeOf('LOST', 4),
  /** Milliseconds for which the database is away. */
  cut: sizeOf('CUT', 1_500),
}

/** Three members of a group that write into PostgreSQL through the proxy, and what they meet. */
export async function startTroubled(scene: Scene, config: object, proxy: CommitProxy) {
  const { kills, moves, lost, cut } = TROUBLES
  const env = { KAFKA_SESSION_TIMEOUT_MS: '3000', KAFKA_HEARTBEAT_INTERVAL_MS: '500' }
  const services: Service[] = await Promise.all([1, 2, 3].map(() => scene.run(config, env)))

  async function replace(index: number, end: (service: Service) => Promise<unknown>) {
    const service = services[index % services.length]
    if (service !== undefined) await end(service)
    const started = await scene.run(config, env)
    services[index % services.length] = started
    await started.ready()
  }

  return {
    /** @param restart of the database; called once, or twice if there are several kills. */
    async disturb(restart: () => Promise<void>): Promise<void> {
      await Promise.all(services.map((service) => service.ready()))
      for (let each = 0; each < lost; each++) {
        proxy.fates.push(each % 2 === 0 ? 'answered' : 'late')
      }
      for (let kill = 0; kill < kills; kill++) {
        await replace(kill, (service) => service.kill())
        if (kill === 0 || kill === kills - 1) await restart()
      }
      for (let move = 0; move < moves; move++) {
        await replace(move + 1, async (service) => assert.equal(await service.terminate(), 0))
      }
      proxy.isAway = true
      await sleep(cut)
      proxy.isAway = false
      await sleep(1_000)
    },
    figures: () => ({
      'kill -9': kills,
      'graceful rebalances': moves,
      'restarts of the database': kills > 1 ? 2 : 1,
      'answers to commits lost': proxy.lost,
    }),
    async end(): Promise<void> {
      assert.equal(proxy.lost, lost)
      for (const service of services) assert.equal(await service.terminate(), 0)
    },
  }
}
