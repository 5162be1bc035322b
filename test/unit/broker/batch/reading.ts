import assert from 'node:assert/strict'
import { FetchedBatch } from '../../../../src/broker/batch/fetched-batch.ts'
import { scanBatches } from '../../../../src/broker/batch/scan.ts'
import { lz4Codec } from '../../../../src/decode/lz4/codec.ts'
import type { KafkaRecord } from '../../../../src/kernel/shapes/record.ts'

export const place = { topic: 'chain', partition: 3, from: 0, endOffset: 1_000 }
export const options = { maxBatchBytes: 1 << 20, lz4: lz4Codec }

/** The one batch in these bytes. */
export function fetched(bytes: Buffer, from = 0, maxBatchBytes = options.maxBatchBytes) {
  const { batches, end } = scanBatches(place, bytes)
  const [batch] = batches
  assert.deepEqual(end, { kind: 'end' })
  assert.equal(batches.length, 1)
  assert.ok(batch)
  return new FetchedBatch(
    batch.header,
    batch.bytes,
    { ...place, from },
    { ...options, maxBatchBytes },
  )
}

export function readAll(bytes: Buffer, from = 0): readonly KafkaRecord[] {
  return fetched(bytes, from).read()
}

/** Headers with a prototype, which is what a literal in a test has. */
export function plain(record: KafkaRecord): KafkaRecord {
  return { ...record, headers: record.headers && { ...record.headers } }
}
