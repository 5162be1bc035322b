import { after, before, type TestContext } from 'node:test'
import type { EmbeddedKafka } from '../../../../dev/kafka/types.ts'
import { openScene, type Scene, type SceneOptions, startBrokers } from '../setup.ts'

/**
 * Brokers for all tests of a file, which are up before them and gone afterwards. What it returns is called as
 * createScene is: each scene has a topic and a group of its own, and finds the brokers as the test before left them.
 */
export function shareKafka(
  brokers: Pick<SceneOptions, 'nodes' | 'properties'> = {},
): (t: TestContext, options?: SceneOptions) => Promise<Scene> {
  let kafka: EmbeddedKafka | undefined
  let scenes = 0
  before(async () => {
    kafka = await startBrokers(brokers)
  })
  after(() => kafka?.close())
  return (t, options = {}) => {
    if (kafka === undefined) throw new Error('the brokers are not up yet')
    scenes += 1
    const topic = `solana.transfers.${scenes}`
    return openScene(t, kafka, { topic, groupId: `integrity-${scenes}`, ...options })
  }
}
