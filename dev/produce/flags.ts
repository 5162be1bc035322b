import {
  type FlagTable,
  listOf,
  numberOf,
  parseFlags,
  usageError,
  wordOf,
} from '../../src/cli/arguments.ts'
import { type Compression, compressions } from '../../src/kernel/compression.ts'
import { parseBytes } from '../../src/kernel/text/units.ts'
import { chainTopics, isChainTopic } from '../synthetic/chain-messages.ts'
import {
  type AmountRange,
  amountRanges,
  type KeyScheme,
  keySchemes,
  type MessageFormat,
  type MessageSize,
  messageFormats,
  type PoisonKind,
  poisonKinds,
  type Stream,
  streamTopics,
  topicOf,
} from '../synthetic/types.ts'

const streams = ['solana', 'tron', ...chainTopics] as const satisfies readonly Stream[]
const largestMessage = 1_000_000
/** Partitions of a topic created here, by default. */
const defaultPartitions = 4

export const produceFlags = {
  brokers: {
    value: 'HOST:PORT,...',
    about: 'brokers to connect to, instead of those of --config',
  },
  config: { value: 'FILE', about: "the service's configuration: brokers, TLS, SASL" },
  file: {
    value: 'FILE',
    about:
      'write them to a new file instead: samples for\n`onchain-consumer handler test`; --count is 10 by default',
  },
  topic: {
    value: 'NAME',
    about: `default: ${Object.values(streamTopics).join(', ')},\n${topicOf('solana', 'protobuf')}, or that of the stream`,
  },
  'create-topic': { about: 'create the topic if it does not exist' },
  partitions: {
    value: 'N',
    about: `spread over N partitions; most duplicates go to the original's.\nDefault: ${defaultPartitions} with --create-topic, else the client chooses by key`,
  },
  stream: {
    value: 'NAME',
    about: `solana (default) or tron, which are JSON, or Protocol Buffers:\n${chainTopics.join(',\n')}`,
  },
  format: { value: 'NAME', about: `${messageFormats.join(' or ')} of solana; default: json` },
  rate: { value: 'N', about: 'messages per second; 0: as fast as possible; default: 100' },
  count: { value: 'N', about: 'number of messages; default: until Ctrl-C' },
  'message-bytes': {
    value: 'SIZE',
    about: 'size of JSON before LZ4: 3600 (default), 8kB, a range 2kB-200kB, or mixed',
  },
  'lz4-share': { value: 'SHARE', about: 'share of LZ4 frames, 0 to 1; default: 0.5' },
  'key-scheme': { value: 'NAME', about: `${keySchemes.join(', ')}; default: none` },
  'duplicate-share': { value: 'SHARE', about: 'share of repeated messages, 0 to 1; default: 0' },
  'poison-share': {
    value: 'SHARE',
    about: 'share of messages that cannot be decoded, 0 to 1; default: 0',
  },
  'poison-kinds': { value: 'NAME,...', about: `default: all of\n${poisonKinds.join(',')}` },
  amounts: {
    value: 'NAME',
    about: `${amountRanges.join(' or ')} (up to 2^64 - 1); default: everyday`,
  },
  compression: { value: 'NAME', about: `of Kafka's batches: ${compressions.join(', ')}` },
  seed: {
    value: 'N',
    about:
      'the same seed makes the same messages; default: from the time,\nso that no run repeats the ids of another',
  },
} as const satisfies FlagTable

export interface ProduceSettings {
  readonly brokers: readonly string[] | undefined
  readonly configFile: string | undefined
  /** Instead of brokers. */
  readonly file: string | undefined
  readonly topic: string
  readonly createTopic: boolean
  readonly partitions: number | undefined
  readonly stream: Stream
  readonly format: MessageFormat
  readonly rate: number
  /** Infinity without a count. */
  readonly count: number
  readonly messageBytes: MessageSize
  readonly lz4Share: number
  readonly keyScheme: KeyScheme
  readonly duplicateShare: number
  readonly poisonShare: number
  readonly poisonKinds: readonly PoisonKind[]
  readonly amounts: AmountRange
  readonly compression: Compression
  readonly seed: number
  /** Block times begin now if the seed comes from the clock, at a fixed time if it is given. */
  readonly startTime: number | undefined
}

/** Checks everything that can be checked before connecting. Throws OCC_USAGE. */
export function parseProduceFlags(args: readonly string[], now: number): ProduceSettings {
  const flags = parseFlags(args, produceFlags)
  if ([flags.brokers, flags.config, flags.file].every((each) => each === undefined)) {
    throw usageError('no brokers to send to; give --brokers HOST:PORT, or --config FILE')
  }
  const share = (name: 'lz4-share' | 'duplicate-share' | 'poison-share', otherwise: number) => {
    const text = flags[name]
    return text === undefined ? otherwise : numberOf(`--${name}`, text, { min: 0, max: 1 })
  }
  const integer = (name: 'count' | 'partitions' | 'seed', min: number, max?: number) => {
    const text = flags[name]
    const bounds = max === undefined ? { min } : { min, max }
    return text === undefined
      ? undefined
      : numberOf(`--${name}`, text, { ...bounds, integer: true })
  }
  const stream = wordOf('--stream', flags.stream ?? 'solana', streams)
  const own = isChainTopic(stream) ? 'protobuf' : 'json'
  const format = wordOf('--format', flags.format ?? own, messageFormats)
  if (format !== own && stream !== 'solana') {
    throw usageError(
      `--format ${format} has no stream ${stream}; leave it out, or give another stream`,
    )
  }
  const createTopic = flags['create-topic'] !== undefined
  const duplicateShare = share('duplicate-share', 0)
  const poisonShare = share('poison-share', 0)
  if (duplicateShare + poisonShare > 1) {
    throw usageError(
      `--duplicate-share ${duplicateShare} and --poison-share ${poisonShare} are more than 1 together; lower one`,
    )
  }
  const seed = integer('seed', 0)
  return {
    brokers: flags.brokers === undefined ? undefined : brokersOf(flags.brokers),
    configFile: flags.config,
    file: flags.file,
    topic: flags.topic ?? topicOf(stream, format),
    createTopic,
    partitions: integer('partitions', 1, 10_000) ?? (createTopic ? defaultPartitions : undefined),
    stream,
    format,
    rate: numberOf('--rate', flags.rate ?? '100', { min: 0 }),
    count: integer('count', 1) ?? (flags.file === undefined ? Number.POSITIVE_INFINITY : 10),
    messageBytes: sizeOf(flags['message-bytes'] ?? '3600'),
    lz4Share: share('lz4-share', 0.5),
    keyScheme: wordOf('--key-scheme', flags['key-scheme'] ?? 'none', keySchemes),
    duplicateShare,
    poisonShare,
    poisonKinds: wordsOf(flags['poison-kinds'] ?? poisonKinds.join(',')),
    amounts: wordOf('--amounts', flags.amounts ?? 'everyday', amountRanges),
    compression: wordOf('--compression', flags.compression ?? 'none', compressions),
    seed: seed ?? now,
    startTime: seed === undefined ? now : undefined,
  }
}

function wordsOf(text: string): PoisonKind[] {
  return listOf(text).map((word) => wordOf('--poison-kinds', word, poisonKinds))
}

function brokersOf(text: string): string[] {
  const brokers = listOf(text)
  for (const broker of brokers) {
    if (!/^\S+:\d+$/.test(broker)) {
      throw usageError(`--brokers holds "${broker}"; give host:port, such as localhost:9092`)
    }
  }
  return brokers
}

function sizeOf(text: string): MessageSize {
  if (text === 'mixed') return 'mixed'
  const [min, max = min] = text.split('-').map((part) => parseBytes(part))
  const parts = text.split('-').length
  if (
    min === undefined ||
    max === undefined ||
    parts > 2 ||
    min < 1 ||
    max < min ||
    max > largestMessage
  ) {
    throw usageError(
      `--message-bytes is ${text}; give a size up to 1MB (3600, 8kB), a range (2kB-200kB) or mixed`,
    )
  }
  return parts === 1 ? min : { min, max }
}
