import type { HandlerEmit } from '../../handle/load/loaded-handler.ts'
import type { EmitRequest } from '../protocol.ts'
import { fromWireError, type WireError } from '../wire.ts'

/** Turns a value into bytes, as the sinks do; throws if the value is invalid. */
export type Serialize = (value: unknown) => {
  readonly value: Buffer
  readonly form: 'json' | 'text' | 'bytes'
}

/**
 * Emits of handlers in a worker. The sinks are in the main thread, which acknowledges each emit.
 */
export function createEmitter(send: (request: EmitRequest) => void, serialize: Serialize) {
  const waiting = new Map<number, PromiseWithResolvers<void>>()
  let last = 0
  const emit: HandlerEmit = async (source, sink, value, key) => {
    const { handler, id: idempotency, replay, trace } = source
    const serialized = serialize(value)
    const { form } = serialized
    const id = ++last
    const promise = Promise.withResolvers<void>()
    waiting.set(id, promise)
    const crossing = form === 'bytes' ? serialized.value : serialized.value.toString()
    try {
      const marked = { ...(replay && { replay }), ...(trace && { trace }) }
      send({ kind: 'emit', id, handler, idempotency, ...marked, sink, key, form, value: crossing })
      await promise.promise
    } finally {
      waiting.delete(id)
    }
  }
  return {
    emit,
    emitted(id: number, error: WireError | null): void {
      const promise = waiting.get(id)
      if (error === null) promise?.resolve()
      else promise?.reject(fromWireError(error))
    },
  }
}

/** The value as the handler emitted it, or an equal one: JSON is parsed again. */
export function emittedValue({ form, value }: EmitRequest): unknown {
  return form === 'json' && typeof value === 'string' ? JSON.parse(value) : value
}
