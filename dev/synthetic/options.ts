import { CodedError } from '../../src/kernel/errors.ts'
import { chainTopics, isChainTopic } from './chain-messages.ts'
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
  type SynthesizerOptions,
  streamTopics,
} from './types.ts'

export interface ResolvedOptions {
  readonly seed: number
  readonly stream: Stream
  readonly format: MessageFormat
  readonly messageBytes: MessageSize
  readonly lz4Share: number
  readonly keyScheme: KeyScheme
  readonly duplicateShare: number
  readonly poisonShare: number
  readonly poisonKinds: readonly PoisonKind[]
  readonly startTime: number
  readonly amounts: AmountRange
  readonly partitions: number | undefined
}

const largestMessage = 1_000_000
/** 2025-07-31: about the time of the samples. */
const defaultStartTime = 1_753_990_893_000

/** Fills in defaults and checks every value; throws OCC_SYNTHETIC_OPTION naming the wrong one. */
export function resolveOptions(options: SynthesizerOptions): ResolvedOptions {
  const resolved: ResolvedOptions = {
    seed: options.seed,
    stream: options.stream,
    format: options.format ?? (isChainTopic(options.stream) ? 'protobuf' : 'json'),
    messageBytes: options.messageBytes ?? 3600,
    lz4Share: options.lz4Share ?? 0.5,
    keyScheme: options.keyScheme ?? 'none',
    duplicateShare: options.duplicateShare ?? 0,
    poisonShare: options.poisonShare ?? 0,
    poisonKinds: options.poisonKinds ?? poisonKinds,
    startTime: options.startTime ?? defaultStartTime,
    amounts: options.amounts ?? 'extremes',
    partitions: options.partitions,
  }
  const { seed, partitions, duplicateShare, poisonShare } = resolved
  if (!Number.isSafeInteger(seed) || seed < 0) wrong('seed', seed, 'give an integer from 0')
  oneOf('stream', resolved.stream, [...Object.keys(streamTopics), ...chainTopics])
  oneOf('format', resolved.format, messageFormats)
  if (resolved.format === 'protobuf') oneOf('stream', resolved.stream, ['solana', ...chainTopics])
  else oneOf('stream', resolved.stream, Object.keys(streamTopics))
  oneOf('keyScheme', resolved.keyScheme, keySchemes)
  oneOf('amounts', resolved.amounts, amountRanges)
  for (const kind of resolved.poisonKinds) oneOf('poisonKinds', kind, poisonKinds)
  if (resolved.poisonKinds.length === 0) wrong('poisonKinds', '[]', 'name at least one kind')
  for (const name of ['lz4Share', 'duplicateShare', 'poisonShare'] as const) {
    const share = resolved[name]
    if (!(share >= 0 && share <= 1)) wrong(name, share, 'give a share from 0 to 1')
  }
  if (duplicateShare + poisonShare > 1) {
    wrong('duplicateShare + poisonShare', duplicateShare + poisonShare, 'leave them at most 1')
  }
  if (partitions !== undefined && !(Number.isSafeInteger(partitions) && partitions >= 1)) {
    wrong('partitions', partitions, 'give an integer from 1, or leave it out')
  }
  checkSize(resolved.messageBytes)
  return Object.freeze(resolved)
}

function checkSize(size: MessageSize): void {
  if (size === 'mixed') return
  const { min, max } = typeof size === 'number' ? { min: size, max: size } : size
  if (!(min >= 1 && max <= largestMessage && min <= max)) {
    const value = min === max ? min : `${min}-${max}`
    wrong('messageBytes', value, `give bytes from 1 to ${largestMessage}, the smaller first`)
  }
}

function oneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) wrong(name, value, `give one of ${allowed.join(', ')}`)
}

function wrong(name: string, value: unknown, remedy: string): never {
  throw new CodedError('OCC_SYNTHETIC_OPTION', `Synthetic stream: ${name} is ${value}; ${remedy}.`)
}
