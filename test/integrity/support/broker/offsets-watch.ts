import { Kafka, logLevel } from 'kafkajs'
import { sleep } from '../../../../src/kernel/lifecycle.ts'
import type { Scene } from '../setup.ts'

export interface OffsetsWatch {
  /** How often the group's offsets were read. */
  readonly readings: number
  /** Every time that an offset was lower than before. */
  readonly backwards: readonly string[]
  /** By partition; -1: none. */
  readonly latest: ReadonlyMap<number, number>
  sum(): number
  stop(): Promise<void>
}

/** Reads what the group has committed each second. */
export function watchOffsets(scene: Scene): OffsetsWatch {
  const { groupId, topic, kafka } = scene
  const client = new Kafka({ brokers: [...kafka.bootstrap], logLevel: logLevel.NOTHING })
  const admin = client.admin()
  const latest = new Map<number, number>()
  const backwards: string[] = []
  const stopping = new AbortController()
  let readings = 0

  async function look(): Promise<void> {
    const [found] = await admin.fetchOffsets({ groupId, topics: [topic] })
    readings += 1
    for (const { partition, offset } of found?.partitions ?? []) {
      const before = latest.get(partition) ?? -1
      const now = Number(offset)
      if (now < before) backwards.push(`partition ${partition}: ${before} to ${now}`)
      latest.set(partition, now)
    }
  }

  const running = (async () => {
    await admin.connect()
    while (!stopping.signal.aborted) {
      // While a coordinator moves there is no reading.
      await look().catch(() => {})
      await sleep(1_000, stopping.signal)
    }
    await look().catch(() => {})
    await admin.disconnect()
  })()

  return {
    get readings() {
      return readings
    },
    backwards,
    latest,
    sum: () => [...latest.values()].reduce((total, offset) => total + Math.max(0, offset), 0),
    async stop() {
      stopping.abort()
      await running
    },
  }
}
