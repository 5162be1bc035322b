import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { schemasFolder } from '../../../../dev/synthetic/protobuf.ts'
import { createDecoder, type DecoderOptions } from '../../../../src/decode/decoder.ts'
import type { TopicRule } from '../../../../src/decode/topic-rules.ts'
import type { LiveDecoder, Message } from '../../../../src/decode/types.ts'
import type { KafkaRecord } from '../../../../src/kernel/shapes/record.ts'
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
