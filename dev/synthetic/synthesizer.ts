import { compressFrameSync } from 'lz4-napi'
import { everydayAmount, extremeAmount } from './amount.ts'
import { isChainTopic } from './chain-messages.ts'
import { resolveOptions } from './options.ts'
import { createPlanner, type Plan } from './plan.ts'
import { poison, poisonMessage } from './poison.ts'
import { createRandom, fold, mix, mixFraction } from './random.ts'
import { keyOf, partitionOf } from './routing.ts'
import { drawSize } from './sizes.ts'
import { createSolanaWriter } from './solana.ts'
import { tokenBlock } from './token-blocks.ts'
import { createTronWriter } from './tron.ts'
import {
  type Expected,
  type PoisonKind,
  poisonKinds,
  type Synthesizer,
  type SynthesizerOptions,
  type SyntheticMessage,
} from './types.ts'
import { createChainWriter, type WrittenMessage } from './writer.ts'

/**
 * A stream of synthetic messages. Message `index` is a pure function of the options and the index:
 * the same options and seed give the same bytes, keys, headers and partitions, and `at` creates any
 * of them again. Throws OCC_SYNTHETIC_OPTION for invalid options.
 */
export function createSynthesizer(given: SynthesizerOptions): Synthesizer {
  const options = resolveOptions(given)
  const { seed, stream, startTime, partitions } = options
  const salt = fold(seed)
  const random = createRandom(salt, 0, 0)
  const planOf = createPlanner(salt, options)
  const drawAmount = options.amounts === 'everyday' ? everydayAmount : extremeAmount
  const createJsonWriter = stream === 'solana' ? createSolanaWriter : createTronWriter
  const writer = isChainTopic(stream)
    ? createChainWriter(stream, seed, startTime)
    : createJsonWriter(seed, startTime, drawAmount)
  const idOf = (index: number) => `${seed}-${index}`
  let nextIndex = 0
  const counts = {
    messages: 0,
    good: 0,
    duplicates: 0,
    poison: 0,
    poisonByKind: Object.fromEntries(poisonKinds.map((kind) => [kind, 0])) as Record<
      PoisonKind,
      number
    >,
    events: 0,
    duplicateEvents: 0,
    bytes: 0,
  }

  /** Message `index` and what is in it; leaves `random` in the state from which poison continues. */
  function write(index: number) {
    random.reseed(salt, index, Math.floor(index / 2 ** 32))
    return writer.write(index, drawSize(options.messageBytes, random), random)
  }

  function contentOf({ content }: WrittenMessage): string | Buffer {
    const isConverted = options.format === 'protobuf' && typeof content === 'string'
    return isConverted ? tokenBlock(content) : content
  }

  function make(index: number, { kind, source }: Plan): SyntheticMessage {
    const written = write(source)
    const key = keyOf(options.keyScheme, source, written)
    const decodable = kind === 'good' || kind === 'duplicate'
    let lz4 = mixFraction(salt, source, 0x124) < options.lz4Share
    let value: Buffer
    const content = contentOf(written)
    if (decodable) {
      const bytes = Buffer.from(content)
      value = lz4 ? compress(bytes, source) : bytes
    } else {
      value =
        typeof content === 'string'
          ? poison(kind, content, lz4, random)
          : poisonMessage(kind, content, lz4, random)
      lz4 = lz4 || kind === 'truncated-frame' || kind === 'bit-flip' || kind === 'lz4-bomb'
    }
    const id = idOf(index)
    const headers: Record<string, string> = { 'synthetic-id': id, 'synthetic-kind': kind }
    if (kind === 'duplicate') headers['synthetic-duplicate-of'] = idOf(source)
    return {
      index,
      id,
      kind,
      duplicateOf: kind === 'duplicate' ? source : undefined,
      key,
      value,
      headers,
      events: decodable ? written.events : 0,
      lz4,
      partition:
        partitions === undefined ? undefined : partitionOf(salt, index, source, key, partitions),
    }
  }

  /** Every fourth frame has a content checksum: both kinds occur in practice. */
  function compress(content: Buffer, index: number): Buffer {
    return compressFrameSync(content, { contentChecksum: mix(salt, index, 0xc5) % 4 === 0 })
  }

  function count(message: SyntheticMessage): void {
    counts.messages++
    counts.bytes += message.value.length
    if (message.kind === 'good') {
      counts.good++
      counts.events += message.events
    } else if (message.kind === 'duplicate') {
      counts.duplicates++
      counts.duplicateEvents += message.events
    } else {
      counts.poison++
      counts.poisonByKind[message.kind]++
    }
  }

  return {
    next() {
      const index = nextIndex++
      const message = make(index, planOf(index))
      count(message)
      return message
    },
    at: (index) => make(index, planOf(index)),
    eventIds: (index) => writer.eventIds(index, write(index).events),
    get expected(): Expected {
      return { ...counts, poisonByKind: { ...counts.poisonByKind } }
    },
  }
}
