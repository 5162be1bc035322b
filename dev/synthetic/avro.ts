import avsc from 'avsc'

/** 64-bit integers as bigint or text of their digits: a number would be rounded. */
const exactLong = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer(value: bigint) {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(BigInt(value))
    return bytes
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value: unknown) =>
    typeof value === 'bigint' ||
    Number.isSafeInteger(value) ||
    (typeof value === 'string' && /^-?\d{1,19}$/.test(value)),
  compare: (one: bigint, other: bigint) => Number(one > other) - Number(one < other),
} as never)

/** Writes documents as Avro values. */
export type AvroEncoder = (document: unknown) => Buffer

/**
 * The encoder of an Avro schema: bytes are base64 in a document, and a union takes the value of the
 * branch alone.
 * @param text The schema. @param id With it, values get the header of Confluent's serializers.
 */
export function createAvroEncoder(text: string, id: number | null = null): AvroEncoder {
  const type = avsc.Type.forSchema(JSON.parse(text), {
    wrapUnions: 'never',
    typeHook: (schema: unknown) => (isLong(schema) ? exactLong : undefined),
  } as never)
  const header = Buffer.alloc(id === null ? 0 : 5)
  if (id !== null) header.writeUInt32BE(id, 1)
  return (document) => Buffer.concat([header, type.toBuffer(withBytes(document, type))])
}

function isLong(schema: unknown): boolean {
  return schema === 'long' || Reflect.get(Object(schema), 'type') === 'long'
}

/** Base64 where the type wants bytes. */
function withBytes(value: unknown, type: avsc.Type): unknown {
  const { types } = avsc
  if (type instanceof types.BytesType || type instanceof types.FixedType) {
    return typeof value === 'string' ? Buffer.from(value, 'base64') : value
  }
  if (type instanceof types.UnwrappedUnionType) {
    const branch = type.types.find((one) => one.isValid(withBytes(value, one)))
    return branch === undefined ? value : withBytes(value, branch)
  }
  if (value === null || typeof value !== 'object') return value
  if (type instanceof types.ArrayType) {
    return (value as unknown[]).map((item) => withBytes(item, type.itemsType))
  }
  if (type instanceof types.MapType) return mapped(value, () => type.valuesType)
  if (!(type instanceof types.RecordType)) return value
  return mapped(value, (name) => type.fields.find((field) => field.name === name)?.type)
}

function mapped(value: object, typeOf: (name: string) => avsc.Type | undefined): object {
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => {
      const type = typeOf(name)
      return [name, type === undefined ? one : withBytes(one, type)]
    }),
  )
}
