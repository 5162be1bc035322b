import { createProducer } from '../src/broker/producer.ts'
import { silentLog } from '../src/kernel/log.ts'
import { runProduction } from '../src/synthetic/production.ts'
import { createSynthesizer } from '../src/synthetic/synthesizer.ts'

export interface Production {
  readonly brokers: string
  readonly topic: string
  readonly count: number
  /** Messages a second; 0 as fast as possible. */
  readonly rate: number
}

export const PARTITIONS = 12
const MESSAGE_BYTES = 3600

/** LZ4-framed JSON messages of 3.6 kB on 12 partitions, the same bytes for everybody. */
export async function produce(
  { brokers, topic, count, rate }: Production,
  onProgress?: (messages: number) => void,
): Promise<void> {
  const producer = await createProducer(
    {
      brokers: [brokers],
      clientId: 'bench',
      security: { protocol: 'PLAINTEXT' },
      connectionTimeout: 10_000,
      requestTimeout: 30_000,
    },
    { compression: 'none' },
    silentLog,
  )
  try {
    await producer.ensureTopic(topic, PARTITIONS)
    const synthesizer = createSynthesizer({
      seed: 1,
      stream: 'solana',
      messageBytes: MESSAGE_BYTES,
      lz4Share: 1,
      partitions: PARTITIONS,
    })
    // The streams' own messages carry no headers; the synthetic ones serve the tests.
    const plain = { next: () => ({ ...synthesizer.next(), headers: {} }) }
    await runProduction(plain, producer, { topic, rate, count }, ({ messages }) =>
      onProgress?.(messages),
    )
  } finally {
    await producer.close()
  }
}

// As a process of its own, so that producing at a rate does not share the bench's event loop.
if (process.argv[1] === import.meta.filename) {
  const [brokers = '', topic = '', count = '0', rate = '0'] = process.argv.slice(2)
  await produce({ brokers, topic, count: Number(count), rate: Number(rate) })
}
