import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Scene } from './setup.ts'

/**
 * Fills the scene's topic by Kafka's own producer, the fastest there is. Its payload is valid text but
 * no JSON: resolves with a configuration file that takes it so.
 * @param properties of the producer, such as `linger.ms=5`.
 */
export async function produceText(
  scene: Pick<Scene, 'kafka' | 'topic' | 'folder'>,
  { records, bytes, properties }: { records: number; bytes: number; properties: string[] },
): Promise<string> {
  const produced = await scene.kafka.tools.producerPerformance([
    '--topic',
    scene.topic,
    '--num-records',
    String(records),
    '--record-size',
    String(bytes),
    '--throughput',
    '-1',
    '--producer-props',
    ...properties,
  ])
  assert.equal(produced.code, 0, produced.stderr)
  const config = join(scene.folder, 'config.yaml')
  writeFileSync(config, "decode: { topics: [{ pattern: '*', format: text }] }\n")
  return config
}
