import type { RecordHeader } from '../../kernel/record.ts'
import { encoderPrototype } from './kafkajs-internals.ts'

/** Stands for null in what kafkajs is given to send: known by what it is, as it holds nothing. */
const NULL_HEADER = Buffer.alloc(0)

const { writeVarIntBytes } = encoderPrototype

/**
 * kafkajs cannot send a header whose value is null, because it asks for the length of the value first. No
 * bytes and null are of the same size on the wire, so the one is written in the place of the other.
 */
function writeBytesOrNull(this: typeof encoderPrototype, value: Buffer | string | null) {
  return writeVarIntBytes.call(this, value === NULL_HEADER ? null : value)
}

/** Idempotent: call before headers are sent. */
export function allowNullHeaders(): void {
  encoderPrototype.writeVarIntBytes = writeBytesOrNull
}

/** A header as kafkajs takes it. */
export function toKafkajsHeader(header: RecordHeader | undefined): NonNullable<RecordHeader> {
  if (header === null || header === undefined) return NULL_HEADER
  return Array.isArray(header) ? header.map((value) => value ?? NULL_HEADER) : header
}
