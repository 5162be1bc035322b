import { plainProducer } from '../dev/produce/plain.ts'
import { runProduction } from '../dev/synthetic/production.ts'
import { createSynthesizer } from '../dev/synthetic/synthesizer.ts'
import type { ProducedRecord } from '../dev/synthetic/types.ts'

export interface Production {
  readonly brokers: string
  readonly topic: string
  readonly count: number
  /** Messages a second; 0 as fast as possible. */
  readonly rate: number
}

export interface KeyedProduction {
  readonly brokers: string
  readonly topic: string
  readonly count: number
  /** Different keys, evenly spread over messages and partitions. */
  readonly keys: number
  /** Of a message. */
  readonly bytes: number
}

export const PARTITIONS = 12
const MESSAGE_BYTES = 3600
/** Of one request of messages with a key, or that are given. */
const REQUEST_BYTES = 1_000_000
/** What is smaller than any document of a stream. */
const SMALL_BYTES = 1_000

/** LZ4-framed JSON messages of 3.6 kB on 12 partitions, the same bytes for everybody. */
export async function produce(
  { brokers, topic, count, rate }: Production,
  onProgress?: (messages: number) => void,
): Promise<void> {
  const producer = await connectProducer(brokers)
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

/**
 * Plain JSON messages with keys: documents of a stream, or where they are to be small ones that cost next
 * to nothing to decode.
 */
export async function produceKeyed({ brokers, topic, count, keys, bytes }: KeyedProduction) {
  const textOf = bytes < SMALL_BYTES ? smallText : documents(bytes)
  const most = Math.ceil(REQUEST_BYTES / bytes)
  await produceEach(brokers, topic, count, most, (index) => keyedMessage(index, keys, textOf))
}

function keyedMessage(index: number, keys: number, textOf: typeof smallText) {
  // A key has one partition, and comes again in no simple rhythm.
  const number = Math.floor(index * 0.618033988749895 * keys) % keys
  const account = `account-${number}`
  const value = Buffer.from(textOf(index, account))
  return { key: Buffer.from(account), value, headers: {}, partition: number % PARTITIONS }
}

export interface ValueProduction {
  readonly brokers: string
  readonly topic: string
  readonly count: number
  /** Bytes of most messages. */
  readonly bytes: number
  next(): Buffer
}

/** These values as they are, spread over all partitions. */
export async function produceValues({ brokers, topic, count, bytes, next }: ValueProduction) {
  const most = Math.max(1, Math.floor(REQUEST_BYTES / bytes))
  await produceEach(brokers, topic, count, most, (index) => {
    return { key: null, value: next(), headers: {}, partition: index % PARTITIONS }
  })
}

/** @param most messages of one request */
async function produceEach(
  brokers: string,
  topic: string,
  count: number,
  most: number,
  messageAt: (index: number) => ProducedRecord,
): Promise<void> {
  const producer = await connectProducer(brokers)
  try {
    await producer.ensureTopic(topic, PARTITIONS)
    for (let next = 0; next < count; ) {
      const size = Math.min(most, count - next)
      await producer.send(
        topic,
        Array.from({ length: size }, () => messageAt(next++)),
      )
    }
  } finally {
    await producer.close()
  }
}

/** 200 bytes. */
function smallText(index: number, account: string): string | Buffer {
  const document = { id: index, account, amount: String(index * 1_000_003) }
  return JSON.stringify({ ...document, note: 'x'.repeat(120) })
}

function documents(messageBytes: number): typeof smallText {
  const synthesizer = createSynthesizer({ seed: 1, stream: 'solana', messageBytes, lz4Share: 0 })
  return (index) => synthesizer.at(index).value
}

export const connectProducer = (brokers: string) => plainProducer(brokers.split(','), 'bench')

// As a process of its own, so that producing at a rate does not share the bench's event loop.
if (process.argv[1] === import.meta.filename) {
  const [brokers = '', topic = '', count = '0', rate = '0'] = process.argv.slice(2)
  await produce({ brokers, topic, count: Number(count), rate: Number(rate) })
}
