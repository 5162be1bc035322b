import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { readTopic } from '../../../src/broker/topics/topic-reader.ts'
import { lz4Codec } from '../../../src/decode/lz4/codec.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import type { KafkaRecord } from '../../../src/kernel/record.ts'
import { environmentOf, MAIN } from './service.ts'
import { brokerOptions, type Scene } from './setup.ts'

/** All records of a topic there are now, of each partition in their order. */
export async function recordsOf(brokers: string, topic: string): Promise<KafkaRecord[]> {
  const records: KafkaRecord[] = []
  const reading = { section: 'kafka' }
  for await (const record of readTopic(
    brokerOptions(brokers),
    topic,
    reading,
    silentLog,
    lz4Codec,
  )) {
    records.push(record)
  }
  return records
}

/** A header's text; of several the last one; undefined where there is none. */
export function headerOf({ headers }: Pick<KafkaRecord, 'headers'>, name: string) {
  const header = headers?.[name]
  return (Array.isArray(header) ? header.at(-1) : header)?.toString()
}

export interface DlqResult {
  readonly code: number | null
  readonly out: string
  readonly error: string
}

/** `onchain-consumer dlq ...` as a user runs it, with the configuration that the service has. */
export async function dlq(
  scene: Scene,
  config: object,
  ...args: readonly string[]
): Promise<DlqResult> {
  const path = join(scene.folder, 'dlq.yaml')
  writeFileSync(path, JSON.stringify(config))
  const child = spawn(process.execPath, [MAIN, 'dlq', ...args, '--config', path], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environmentOf(scene, 0),
  })
  const [out, error, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { code, out, error }
}
