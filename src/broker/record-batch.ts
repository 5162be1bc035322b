import type { Batch, KafkaMessage } from 'kafkajs'
import type { KafkaRecord } from '../kernel/record.ts'
import { toOffset } from './offsets.ts'
import type { RecordBatch } from './types.ts'

/** kafkajs's batch as ours. Values stay slices of the fetch buffer: copying is flow/'s decision. */
export function toRecordBatch(batch: Batch): RecordBatch {
  const { topic, partition } = batch
  const records = batch.messages.map((message) => toRecord(topic, partition, message))
  return {
    topic,
    partition,
    records,
    nextOffset: toOffset(batch.lastOffset()) + 1,
    endOffset: toOffset(batch.highWatermark),
  }
}

function toRecord(topic: string, partition: number, message: KafkaMessage): KafkaRecord {
  return {
    topic,
    partition,
    offset: toOffset(message.offset),
    timestamp: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers: message.headers,
  }
}
