import { messageOf, OccError } from '../../kernel/errors.ts'
import { exactValue } from '../../kernel/text/exact-json.ts'
import type { TraceContext } from '../../kernel/tracing.ts'
import type { EmittedItem } from './types.ts'

type Serialized = Pick<EmittedItem, 'value' | 'form'>

/** Serialized only for the sinks that need bytes. */
export class LazyItem implements EmittedItem {
  readonly handler: string
  readonly id: string
  readonly key: string | null
  readonly given: unknown
  readonly replay?: true
  trace?: TraceContext | undefined
  #serialized: Serialized | null = null

  constructor(
    source: Pick<EmittedItem, 'handler' | 'id' | 'replay' | 'trace'>,
    key: string | null,
    given: unknown,
  ) {
    this.handler = source.handler
    this.id = asText(source.id)
    this.key = key === null ? null : asText(key)
    this.given = given
    if (source.replay !== undefined) this.replay = source.replay
    if (source.trace !== undefined) this.trace = source.trace
  }

  get value(): Buffer {
    return this.#read().value
  }

  get form(): Serialized['form'] {
    return this.#read().form
  }

  #read(): Serialized {
    this.#serialized ??= serialize(this.given)
    return this.#serialized
  }
}

/**
 * Without types, a handler gives numbers as well. A sink that fails with one would fail for what other
 * handlers emit in the same batch, and for as long as the record is tried again. Bytes stay bytes.
 */
function asText(given: unknown): string {
  return typeof given === 'string' || given instanceof Uint8Array
    ? (given as string)
    : String(given)
}

/** Text and bytes unchanged, anything else as JSON; bigints, NaN and infinities as text. */
export function serialize(value: unknown): Serialized {
  if (typeof value === 'string') return { value: Buffer.from(value), form: 'text' }
  if (value instanceof Uint8Array) return { value: Buffer.from(value), form: 'bytes' }
  let json: string | undefined
  try {
    json = JSON.stringify(value, exactValue)
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
