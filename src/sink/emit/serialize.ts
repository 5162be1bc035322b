import { messageOf, OccError } from '../../kernel/errors.ts'
import type { EmittedItem } from './types.ts'

/** Text and bytes unchanged, anything else as JSON with bigints as decimal text. */
export function serialize(value: unknown): Pick<EmittedItem, 'value' | 'form'> {
  if (typeof value === 'string') return { value: Buffer.from(value), form: 'text' }
  if (value instanceof Uint8Array) return { value: Buffer.from(value), form: 'bytes' }
  let json: string | undefined
  try {
    json = JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner))
  } catch (error) {
    throw notJson(messageOf(error))
  }
  if (json === undefined) throw notJson(`it is ${typeof value}`)
  return { value: Buffer.from(json), form: 'json' }
}

/** Not retriable: the same message emits the same value again. */
function notJson(why: string): OccError {
  return new OccError(
    'OCC_EMIT_VALUE',
    `The value cannot be emitted: ${why}. Emit JSON, text or bytes.`,
  )
}
