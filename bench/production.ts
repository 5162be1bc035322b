import { createProducer } from '../dev/produce/producer.ts'
import { runProduction } from '../dev/synthetic/production.ts'
import { createSynthesizer } from '../dev/synthetic/synthesizer.ts'
import { silentLog } from '../src/kernel/log.ts'

export interface Production {
  readonly brokers: string
  readonly topic: string
  readonly count: number
  /** Messages a second; 0 as fast as possible. */
  readonly rate: number
}

export interface SmallProduction {
  readonly brokers: string
  readonly topic: string
  readonly count: number
  /** Different keys, evenly spread over messages and partitions. */
  readonly keys: number
}

export const PARTITIONS = 12
const MESSAGE_BYTES = 3600

/** LZ4-framed JSON messages of 3.6 kB on 12 partitions, the same bytes for everybody. */
export async function produce(
  { brokers, topic, count, rate }: Production,
  onProgress?: (messages: number) => void,
): Promise<void> {
  const producer = await connect(brokers)
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

/** Plain JSON messages of 200 bytes with keys: what they cost to decode is next to nothing. */
export async function produceSmall({ brokers, topic, count, keys }: SmallProduction) {
  const producer = await connect(brokers)
  try {
    await producer.ensureTopic(topic, PARTITIONS)
    for (let next = 0; next < count; ) {
      const size = Math.min(5_000, count - next)
      const records = Array.from({ length: size }, () => smallMessage(next++, keys))
      await producer.send(topic, records)
    }
  } finally {
    await producer.close()
  }
}

function smallMessage(index: number, keys: number) {
  // A key has one partition, and comes again in no simple rhythm.
  const account = Math.floor(index * 0.618033988749895 * keys) % keys
  const document = { id: index, account: `account-${account}`, amount: String(index * 1_000_003) }
  const text = JSON.stringify({ ...document, note: 'x'.repeat(120) })
  const key = Buffer.from(document.account)
  return { key, value: Buffer.from(text), headers: {}, partition: account % PARTITIONS }
}

function connect(brokers: string) {
  return createProducer(
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
}

// As a process of its own, so that producing at a rate does not share the bench's event loop.
if (process.argv[1] === import.meta.filename) {
  const [brokers = '', topic = '', count = '0', rate = '0'] = process.argv.slice(2)
  await produce({ brokers, topic, count: Number(count), rate: Number(rate) })
}
