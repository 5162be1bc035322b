import type { KafkaRecord, TopicPartition } from '../../kernel/shapes/record.ts'
import { Cursor, Malformed } from './cursor.ts'
import { type BatchHeader, corrupt } from './header.ts'
import { emptyHeaders, readHeaders } from './record-headers.ts'

/** Size of the smallest record: its length, attributes, two deltas, key, value and header count. */
const MIN_RECORD = 7

/**
 * Decodes the records of an uncompressed batch body (everything after the header) from offset
 * `from` on. Keys, values and header values are slices of `body`. Records below `from` are checked
 * too: a batch is valid or rejected as a whole.
 * @throws OccError OCC_BATCH_CORRUPT
 */
export function decodeRecords(
  body: Buffer,
  header: BatchHeader,
  place: TopicPartition,
  from: number,
): KafkaRecord[] {
  const { baseOffset, count } = header
  if (count * MIN_RECORD > body.length) {
    throw corrupt(place, baseOffset, `its header counts ${count} records in ${body.length} bytes`)
  }
  const records: KafkaRecord[] = []
  const cursor = new Cursor(body)
  let offsetBefore = baseOffset - 1
  let index = 0
  try {
    for (; index < count; index++) {
      const record = readRecord(cursor, header, place)
      if (record.offset <= offsetBefore || record.offset > header.lastOffset) {
        throw new Malformed(`it has offset ${record.offset}, after ${offsetBefore}`)
      }
      offsetBefore = record.offset
      if (record.offset >= from) records.push(record)
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    throw corrupt(place, baseOffset, `record ${index + 1} of ${count}: ${error.message}`)
  }
  if (cursor.at !== body.length) {
    const left = body.length - cursor.at
    throw corrupt(place, baseOffset, `${left} bytes are left after its ${count} records`)
  }
  return records
}

function readRecord(
  cursor: Cursor,
  { baseOffset, baseTimestamp, logAppendTime, maxTimestamp }: BatchHeader,
  { topic, partition }: TopicPartition,
): KafkaRecord {
  const bodyEnd = cursor.end
  const length = cursor.varint('its length')
  const recordEnd = cursor.at + length
  if (length < MIN_RECORD - 1 || recordEnd > bodyEnd) {
    throw new Malformed(`its length is ${length}, but only ${bodyEnd - cursor.at} bytes are left`)
  }
  cursor.end = recordEnd
  // Its attributes, which are unused so far.
  cursor.at += 1
  const timestampDelta = cursor.varlong('its time')
  const offset = baseOffset + cursor.varint('its offset')
  const key = cursor.bytesOrNull('its key')
  const value = cursor.bytesOrNull('its value')
  let headers = emptyHeaders
  if (cursor.at === recordEnd - 1 && cursor.bytes[cursor.at] === 0) cursor.at = recordEnd
  else headers = readHeaders(cursor)
  if (cursor.at !== recordEnd) {
    throw new Malformed(`it ends ${recordEnd - cursor.at} bytes before its declared length`)
  }
  cursor.end = bodyEnd
  const timestamp = logAppendTime ? maxTimestamp : baseTimestamp + timestampDelta
  return { topic, partition, offset, timestamp, key, value, headers }
}
