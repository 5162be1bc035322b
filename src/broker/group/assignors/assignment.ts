import { messageOf, OccError } from '../../../kernel/errors.ts'
import * as wire from './wire.ts'

/**
 * Versions 0 to 3 of the assignment have the same fields, and no reader refuses one. Java writes 3;
 * librdkafka and franz-go write 0, which even the oldest clients know.
 */
const VERSION = 0

/**
 * One member's assignment in SyncGroup: partitions by topic. Without user data, as Java writes it.
 */
export function encodeAssignment(partitions: ReadonlyMap<string, readonly number[]>): Buffer {
  return Buffer.concat([
    wire.int16(VERSION),
    wire.topicPartitions(partitions),
    wire.nullableBytes(null),
  ])
}

/**
 * Reads an assignment by a leader of any client. Zero bytes mean no partitions: the broker sends
 * that if the leader did not name the member.
 * @throws OccError OCC_ASSIGNMENT_UNREADABLE
 */
export function decodeAssignment(bytes: Buffer): Map<string, number[]> {
  if (bytes.length === 0) return new Map()
  try {
    const reader = wire.createWireReader(bytes)
    const version = reader.int16()
    if (version < 0) throw new RangeError(`version ${version}`)
    return reader.topicPartitions()
  } catch (error) {
    throw new OccError(
      'OCC_ASSIGNMENT_UNREADABLE',
      `The partitions that the group's leader assigned cannot be read: ${bytes.length} bytes that are not Kafka's consumer protocol (${messageOf(error)}). Find out which client leads the group, and give that client a group of its own`,
      { cause: error },
    )
  }
}
