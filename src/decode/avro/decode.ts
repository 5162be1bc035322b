import { messageOf, OccError } from '../../kernel/errors.ts'
import type { Json } from '../types.ts'
import { AvroReader } from './avro-reader.ts'
import { compileReader } from './compile.ts'
import { parseAvroSchema } from './schema.ts'

/** @throws OccError OCC_AVRO_INVALID if the bytes are not exactly one value of the schema */
export type AvroDecoder = (bytes: Buffer) => Json

/** @throws Error if the schema is not valid */
export function createAvroDecoder(text: string, references: readonly string[] = []): AvroDecoder {
  const type = parseAvroSchema(text, references)
  const read = compileReader(type)
  const name = type.name ?? `value of the type ${type.typeName}`
  return (bytes) => {
    const reader = new AvroReader(bytes)
    try {
      const value = read(reader)
      if (reader.rest === 0) return value
      throw new RangeError(`${reader.rest} bytes follow it`)
    } catch (error) {
      // A bug of ours.
      if (!(error instanceof Error) || error instanceof TypeError) throw error
      throw new OccError('OCC_AVRO_INVALID', `not a ${name}: ${reasonOf(error)}`)
    }
  }
}

function reasonOf(error: Error): string {
  const reason = messageOf(error)
  if (reason.startsWith('index out of range')) return 'it is truncated or damaged'
  return /^\d+ bytes/.test(reason) ? reason : `it holds ${reason}`
}
