import type { OutgoingRecord } from '../../broker/topics/topic-writer.ts'
import { parseJson } from '../../decode/json.ts'
import { compressLz4Frame } from '../../decode/lz4/compress.ts'
import { decodeText } from '../../decode/text.ts'
import { messageOf, OccError } from '../../kernel/errors.ts'
import { parseExactly } from '../records/exact-json.ts'
import { lineToOutgoing } from '../records/record-line.ts'
import type { Item } from './inputs.ts'
import type { ProduceSettings } from './settings.ts'

export type MakeRecord = (item: Item) => OutgoingRecord

/**
 * Makes records of lines and files. @param encode JSON as the bytes of the topic's message; null: no
 * message is wanted. The function throws OCC_SAMPLE that names the place.
 */
export function createMakeRecord(
  settings: ProduceSettings,
  encode: ((json: unknown) => Buffer) | null,
): MakeRecord {
  const { topic: flagTopic, value: form, key: keyPath, headers, partition, timestamp } = settings

  function make({ bytes, isFile }: Item): OutgoingRecord {
    const line = isFile ? null : lineToOutgoing(bytes.toString())
    const topic = flagTopic ?? line?.topic
    if (topic === undefined) throw new Error('it names no topic; give --topic')
    const kind = form ?? (isFile ? 'raw' : 'json')
    // A line of read --json has the value as it was sent, and says how to pack it.
    const isPacked = line !== null && form === undefined
    const input = line === null ? bytes : line.value
    const value = isPacked || input === null ? input : packed(kind, input)
    return {
      topic,
      value,
      key: keyPath === undefined ? (line?.key ?? null) : keyOf(keyPath, input),
      headers: { ...line?.headers, ...headers },
      timestamp: timestamp ?? line?.timestamp ?? null,
      partition: partition ?? line?.partition ?? null,
    }
  }

  function packed(kind: NonNullable<ProduceSettings['value']>, bytes: Buffer): Buffer {
    if (kind === 'raw') return bytes
    const text = decodeText(bytes)
    if (kind === 'text') return bytes
    if (kind === 'lz4') return compressLz4Frame(bytes)
    if (encode !== null) return encode(parsed(text, parseDocument))
    parsed(text)
    return bytes
  }

  return (item) => {
    try {
      return make(item)
    } catch (error) {
      throw new OccError('OCC_SAMPLE', `${item.place}: ${messageOf(error)}`, { cause: error })
    }
  }
}

/** Integers beyond 2^53 are text, as schemas' encoders take them: a number would be rounded. */
function parseDocument(text: string): unknown {
  return parseJson(Buffer.from(text))
}

function parsed(text: string, parse: (text: string) => unknown = JSON.parse): unknown {
  try {
    return parse(text)
  } catch (error) {
    throw new Error(
      `it is not JSON: ${messageOf(error)}; for other values give --value text or raw`,
    )
  }
}

/**
 * A number has all its digits: a rounded one would be the key of others, too. Throws if the path leads
 * to nothing: without its key, a record would lose its order.
 */
function keyOf(path: readonly string[], bytes: Buffer | null): Buffer {
  let found: unknown = bytes === null ? undefined : parsed(decodeText(bytes), parseExactly)
  for (const name of path) {
    const isMap = typeof found === 'object' && found !== null && Object.hasOwn(found, name)
    found = isMap ? Reflect.get(found as object, name) : undefined
  }
  if (typeof found === 'string') return Buffer.from(found)
  const text = JSON.stringify(found)
  const isPlain = text !== undefined && text !== 'null' && !/^[[{]/.test(text)
  if (!isPlain) throw new Error(`it has no text or number at ${path.join('.')} (--key)`)
  return Buffer.from(text)
}
