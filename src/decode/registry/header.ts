/** Magic byte and schema id: what Confluent's serializers write before the message. */
export const HEADER_BYTES = 5

/**
 * The schema id in the header of a value; null: it has none. No JSON text begins with a zero byte,
 * and no Protocol Buffers message, because no field has that number.
 */
export function schemaIdOf(bytes: Buffer): number | null {
  return bytes.length >= HEADER_BYTES && bytes[0] === 0 ? bytes.readUInt32BE(1) : null
}
