import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { startKafka } from '../../dev/kafka/embedded-kafka.ts'
import type { EmbeddedKafka } from '../../dev/kafka/types.ts'
import { createProducer } from '../../src/broker/producer.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { runProduction } from '../../src/synthetic/production.ts'
import { createSynthesizer } from '../../src/synthetic/synthesizer.ts'
import type { Expected, SynthesizerOptions } from '../../src/synthetic/types.ts'
import { type Service, startService } from './service.ts'

export interface Scene {
  readonly kafka: EmbeddedKafka
  readonly brokers: string
  readonly topic: string
  readonly groupId: string
  readonly folder: string
  start(env?: Readonly<Record<string, string>>): Promise<Service>
  produce(
    options: Partial<SynthesizerOptions> & { count: number; rate?: number },
  ): Promise<Produced>
}

export interface Produced {
  readonly ids: readonly string[]
  readonly expected: Expected
}

export const PARTITIONS = 6

/** A broker, a topic and a folder of their own for one test; all gone afterwards. */
export async function createScene(
  t: TestContext,
  options: {
    partitions?: number
    topicConfig?: Readonly<Record<string, string>>
    properties?: Readonly<Record<string, string>>
  } = {},
): Promise<Scene> {
  const kafka = await startKafka({
    properties: { 'group.min.session.timeout.ms': '3000', ...options.properties },
  })
  const folder = mkdtempSync(join(tmpdir(), 'integrity-'))
  const services: Service[] = []
  t.after(async () => {
    for (const service of services) service.process.kill('SIGKILL')
    await kafka.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const topic = 'solana.transfers'
  const groupId = 'integrity'
  const brokers = kafka.brokers.plaintext
  const partitions = options.partitions ?? PARTITIONS
  await kafka.tools.createTopic(topic, partitions, options.topicConfig)

  return {
    kafka,
    brokers,
    topic,
    groupId,
    folder,
    async start(env = {}) {
      const service = await startService({ brokers, topic, groupId, folder, env })
      services.push(service)
      return service
    },
    async produce({ count, rate = 0, ...synthetic }) {
      const producer = await createProducer(
        {
          brokers: [brokers],
          clientId: 'integrity',
          security: { protocol: 'PLAINTEXT' },
          connectionTimeout: 10_000,
          requestTimeout: 30_000,
        },
        { compression: 'none' },
        silentLog,
      )
      const synthesizer = createSynthesizer({
        seed: 7,
        stream: 'solana',
        messageBytes: 1500,
        partitions,
        ...synthetic,
      })
      const ids: string[] = []
      const recording = {
        next: () => {
          const message = synthesizer.next()
          ids.push(message.id)
          return message
        },
      }
      try {
        await runProduction(recording, producer, { topic, rate, count })
      } finally {
        await producer.close()
      }
      return { ids, expected: synthesizer.expected }
    },
  }
}
