import type { Message } from '../../decode/types.ts'
import { OccError } from '../../kernel/errors.ts'
import { HANDLER_HEADER, handlerOf } from '../../kernel/shapes/dead-letter.ts'
import { type DeadOutcome, dead } from '../../kernel/shapes/outcome.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import type { BatchOptions } from '../api/types.ts'
import type { HandlerInvoker } from '../call/invoker.ts'
import { isHandlerName } from '../load/check-handler.ts'

/** The handlers that get the messages of one topic. */
export interface TopicHandlers {
  readonly invokers: readonly HandlerInvoker[]
  /** All of them, or those that a redriven or parked record is for. */
  of(record: KafkaRecord): RecordHandlers
  /** The largest batch size and shortest wait of the batch handlers; null: there are none. */
  readonly batch: BatchOptions | null
  /** The ordering key; undefined: no handler defines one, so the record's own key applies. */
  readonly key: ((message: Message) => string | null) | undefined
}

export interface RecordHandlers {
  readonly invokers: readonly HandlerInvoker[]
  /** For the handlers that it is for and that are not here; null: there are none. */
  readonly absent: DeadOutcome | null
}

export function createTopicHandlers(invokers: readonly HandlerInvoker[]): TopicHandlers {
  const batches = invokers.flatMap(({ handler }) => handler.definition.batch ?? [])
  const ordering = invokers.find(({ handler }) => handler.definition.key !== undefined)

  const all: RecordHandlers = { invokers, absent: null }

  function named(header: string): RecordHandlers {
    const names = new Set(header.split(','))
    const found = invokers.filter(({ handler }) => names.delete(handler.name))
    if (names.size === 0) return { invokers: found, absent: null }
    // A header from elsewhere can be anything; a letter's names must be names.
    const areNames = [...names].every(isHandlerName)
    return { invokers: found, absent: dead(unknown(header), areNames ? [...names].join() : null) }
  }

  return {
    invokers,
    of(record) {
      if (record.parked !== undefined && record.parked.handler !== null) {
        return named(record.parked.handler)
      }
      if (record.headers?.[HANDLER_HEADER] === undefined) return all
      const header = handlerOf(record)
      return header === null ? all : named(header)
    },
    batch:
      batches.length === 0
        ? null
        : {
            size: Math.max(...batches.map(({ size }) => size)),
            within: Math.min(...batches.map(({ within }) => within)),
          },
    key:
      ordering === undefined
        ? undefined
        : (message) => ordering.handler.definition.key?.(message) ?? null,
  }
}

/**
 * Not retried: an attempt cannot change it, and a redrive of hundreds of such letters would hold
 * their partitions. Nothing is lost: each becomes a letter for the same handlers again.
 */
function unknown(name: string): OccError {
  return new OccError(
    'OCC_HANDLER_UNKNOWN',
    `The header ${HANDLER_HEADER}, or the parked record, names "${name}", but not all of these are handlers of this topic: configure the missing one and send the record again, or drop the letter.`,
  )
}
