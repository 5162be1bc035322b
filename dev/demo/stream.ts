import { brokerOptions } from '../../src/app/room-options.ts'
import { registerCodecs } from '../../src/broker/topics/codecs.ts'
import type { Config } from '../../src/config/types.ts'
import { lz4Codec } from '../../src/decode/lz4/codec.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { createProducer } from '../produce/producer.ts'
import { runProduction } from '../synthetic/production.ts'
import { createSynthesizer } from '../synthetic/synthesizer.ts'
import type { Expected, SynthesizerOptions } from '../synthetic/types.ts'

/** Intentional defects of the stream, as shares of its messages. */
export const ON_PURPOSE = { duplicates: 0.05, poison: 0.01 } as const

export interface Stream {
  /** What was created so far. */
  readonly expected: Expected
  /** Rejects if the brokers refuse it. */
  readonly failed: Promise<void>
  /** Ends it; resolves when all created messages are acknowledged. */
  end(): Promise<void>
}

export interface StreamOptions {
  readonly config: Config
  readonly stream: SynthesizerOptions['stream']
  readonly topic: string
  readonly partitions: number
  /** Messages per second. */
  readonly rate: number
  /** Streams of the same seed have the same events. Default: 1. */
  readonly seed?: number
  /** Share of messages that cannot be decoded. */
  readonly poison?: number
}

/** A synthetic stream, produced until it is ended. */
export async function startStream(options: StreamOptions): Promise<Stream> {
  const { config, stream, topic, partitions, rate, seed = 1 } = options
  const { poison = ON_PURPOSE.poison } = options
  registerCodecs(lz4Codec)
  const producer = await createProducer(brokerOptions(config), { compression: 'none' }, silentLog)
  await producer.ensureTopic(topic, partitions)
  const synthesizer = createSynthesizer({
    seed,
    stream,
    keyScheme: 'slot',
    amounts: 'everyday',
    duplicateShare: ON_PURPOSE.duplicates,
    poisonShare: poison,
    startTime: Date.now(),
    partitions,
  })
  const interrupt = new AbortController()
  const count = Number.POSITIVE_INFINITY
  const running = runProduction(
    synthesizer,
    producer,
    { topic, rate, count },
    () => {},
    interrupt.signal,
  )
  running.catch(() => {})
  return {
    get expected() {
      return synthesizer.expected
    },
    failed: running.then(() => {}),
    async end() {
      interrupt.abort()
      await running
      await producer.close()
    },
  }
}
