import type { RecordHeader } from '../../kernel/shapes/record.ts'
import { encoderPrototype } from './kafkajs-internals.ts'

/** Represents null in headers passed to kafkajs. Recognized by identity, since it is empty. */
const NULL_HEADER = Buffer.alloc(0)

const { writeVarIntBytes } = encoderPrototype

/**
 * kafkajs cannot send a header whose value is null, because it asks for its length first. Null and
 * empty have the same size on the wire, so one is written in place of the other.
 */
function writeBytesOrNull(this: typeof encoderPrototype, value: Buffer | string | null) {
  return writeVarIntBytes.call(this, value === NULL_HEADER ? null : value)
}

/** Idempotent: call before headers are sent. */
export function allowNullHeaders(): void {
  encoderPrototype.writeVarIntBytes = writeBytesOrNull
}

/** A header in the form that kafkajs accepts. */
export function toKafkajsHeader(header: RecordHeader | undefined): NonNullable<RecordHeader> {
  if (header === null || header === undefined) return NULL_HEADER
  return Array.isArray(header) ? header.map((value) => value ?? NULL_HEADER) : header
}
