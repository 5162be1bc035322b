import assert from 'node:assert/strict'
import type { Scene } from './setup.ts'

/** A configuration that takes values as text. */
export const TEXT = { decode: { topics: [{ pattern: '*', format: 'text' }] } }

/**
 * Fills the scene's topic by Kafka's own producer, the fastest there is. Its payload is valid text but no JSON: see
 * TEXT.
 * @param properties of the producer, such as `linger.ms=5`.
 */
export async function produceText(
  scene: Pick<Scene, 'kafka' | 'topic'>,
  { records, bytes, properties }: { records: number; bytes: number; properties: string[] },
): Promise<void> {
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
}
