import type { EmittedRows, HandlerEmit } from '../../handle/load/loaded-handler.ts'
import type { RecordWriter } from '../../handle/write/write-round.ts'
import type { Answered, EmitRequest, WriteRequest } from '../protocol.ts'
import { fromWireError } from '../wire.ts'

/** Turns a value into bytes, as the sinks do; throws if the value is invalid. */
export type Serialize = (value: unknown) => {
  readonly value: Buffer
  readonly form: 'json' | 'text' | 'bytes'
}

/**
 * What a worker asks the main thread to do for its handlers: the sinks, and the transactions of the
 * offsets, are there.
 */
export function createRequests(
  send: (request: EmitRequest | WriteRequest) => void,
  serialize: Serialize,
) {
  const waiting = new Map<number, PromiseWithResolvers<readonly EmittedRows[]>>()
  let last = 0

  async function ask(
    request: (id: number) => EmitRequest | WriteRequest,
  ): Promise<readonly EmittedRows[]> {
    const id = ++last
    const promise = Promise.withResolvers<readonly EmittedRows[]>()
    waiting.set(id, promise)
    try {
      send(request(id))
      return await promise.promise
    } finally {
      waiting.delete(id)
    }
  }

  const emit: HandlerEmit = async (source, sink, value, key) => {
    const { handler, id: idempotency, replay, trace, hold } = source
    const serialized = serialize(value)
    const { form } = serialized
    const crossing = form === 'bytes' ? serialized.value : serialized.value.toString()
    const marked = {
      ...(replay && { replay }),
      ...(trace && { trace }),
      ...(hold && { holds: true as const }),
    }
    const said = { handler, idempotency, ...marked, sink, key, form, value: crossing }
    const rows = await ask((id) => ({ kind: 'emit', id, ...said }))
    for (const each of rows) hold?.(each)
  }

  return {
    emit,
    /** Writes with the offsets of a partition, during one assignment. */
    writerOf: (lane: number): RecordWriter => ({
      async write(records, writes) {
        const own = records.map(({ offset, timestamp }) => ({ offset, timestamp }))
        await ask((id) => ({ kind: 'write', id, lane, records: own, writes }))
      },
    }),
    answered({ id, error, rows }: Answered): void {
      const promise = waiting.get(id)
      if (error === null) promise?.resolve(rows)
      else promise?.reject(fromWireError(error))
    },
  }
}

/** The value as the handler emitted it, or an equal one: JSON is parsed again. */
export function emittedValue({ form, value }: EmitRequest): unknown {
  return form === 'json' && typeof value === 'string' ? JSON.parse(value) : value
}
