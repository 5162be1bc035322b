import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { schemasFolder } from '../../../../dev/synthetic/protobuf.ts'
import { createDecoder, type DecoderOptions } from '../../../../src/decode/decoder.ts'
import type { TopicRule } from '../../../../src/decode/topic-rules.ts'
import type { LiveDecoder, Message } from '../../../../src/decode/types.ts'
import type { KafkaRecord } from '../../../../src/kernel/shapes/record.ts'
import type { Random } from '../../../support/random.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

/** A folder with these files. */
export function folderOf(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder(t)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

export function decoderOf(
  schemas: string | null = schemasFolder,
  topics: readonly TopicRule[] = [],
): LiveDecoder<DecoderOptions> {
  return createDecoder({
    topics,
    protobuf: { schemas: schemas ?? undefined },
    maxMessageBytes: 32 * 1024 * 1024,
  })
}

export function recordOf(topic: string, value: Buffer): KafkaRecord {
  return { topic, partition: 0, offset: 5, timestamp: 0, key: null, value, headers: undefined }
}

export function messageOf(
  decoder: LiveDecoder<DecoderOptions>,
  topic: string,
  value: Buffer,
): Message {
  const result = decoder.decode(recordOf(topic, value))
  assert.ok(result.ok, result.ok ? '' : result.error.message)
  return result.message
}

/** Code and message. */
export function errorOf(
  decoder: LiveDecoder<DecoderOptions>,
  topic: string,
  value: Buffer,
): string {
  const result = decoder.decode(recordOf(topic, value))
  assert.ok(!result.ok)
  return `${result.error.code}: ${result.error.message}`
}

/** Of any length, in which no two bytes of two seeds are equal. */
export function bytesOf(seed: number, length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, index) => (seed * 31 + index * 7 + 1) % 256))
}

/** Cut off, flipped, repeated or put in. */
export function damage(value: Buffer, random: Random): Buffer {
  const copy = Buffer.from(value)
  const at = random(copy.length)
  switch (random(6)) {
    case 0:
      return copy.subarray(0, at)
    case 1:
      return copy.subarray(at)
    case 2:
      return Buffer.concat([copy.subarray(0, at), random.bytes(random(20)), copy.subarray(at)])
    case 3:
      return Buffer.concat([copy.subarray(0, at), copy])
    case 4:
      return random.bytes(random(500))
    default:
      for (let flips = 1 + random(4); flips > 0; flips--) {
        const place = random(copy.length)
        copy[place] = (copy[place] as number) ^ (1 << random(8))
      }
      return copy
  }
}
