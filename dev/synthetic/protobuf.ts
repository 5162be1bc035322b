import { join } from 'node:path'
import type protobuf from 'protobufjs'
import { loadSchemas, type Schemas } from '../../src/decode/protobuf/schemas.ts'

/** Our own `.proto` files of the known topics: names and numbers of fields, without rare parts. */
export const schemasFolder = join(import.meta.dirname, 'schemas')

let schemas: Schemas | undefined

export function messageType(name: string): protobuf.Type {
  schemas ??= loadSchemas(schemasFolder)
  const type = schemas.find(name)
  if (type === null) throw new Error(`no schema declares ${name}`)
  return type
}

/** @param fields 64-bit integers as numbers, decimal text or bigints; bytes as such. */
export function encodeMessage(name: string, fields: object): Buffer {
  const type = messageType(name)
  return Buffer.from(type.encode(type.fromObject(withoutBigInts(fields) as object)).finish())
}

/** The library takes 64-bit integers as text. */
function withoutBigInts(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return value.map(withoutBigInts)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutBigInts(one)]))
}
