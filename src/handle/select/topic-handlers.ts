import type { Message } from '../../decode/types.ts'
import { HANDLER_HEADER, handlerOf } from '../../kernel/dead-letter.ts'
import { OccError } from '../../kernel/errors.ts'
import { dead, type Outcome } from '../../kernel/outcome.ts'
import type { KafkaRecord } from '../../kernel/record.ts'
import type { BatchOptions } from '../api/types.ts'
import type { HandlerInvoker } from '../call/invoker.ts'

/** The handlers that get the messages of one topic. */
export interface TopicHandlers {
  readonly invokers: readonly HandlerInvoker[]
  /** All of them, or those that a redriven record is for, or the reason why there are none. */
  of(record: KafkaRecord): readonly HandlerInvoker[] | Outcome
  /** The largest batch size and shortest wait of the batch handlers; null: there are none. */
  readonly batch: BatchOptions | null
  /** The ordering key; undefined: no handler defines one, so the record's own key applies. */
  readonly key: ((message: Message) => string | null) | undefined
}

export function createTopicHandlers(invokers: readonly HandlerInvoker[]): TopicHandlers {
  const batches = invokers.flatMap(({ handler }) => handler.definition.batch ?? [])
  const ordering = invokers.find(({ handler }) => handler.definition.key !== undefined)

  function named(header: string): readonly HandlerInvoker[] | Outcome {
    const names = header.split(',')
    const found = invokers.filter(({ handler }) => names.includes(handler.name))
    return found.length === names.length ? found : dead(unknownHandler(header))
  }

  return {
    invokers,
    of(record) {
      if (record.headers?.[HANDLER_HEADER] === undefined) return invokers
      const header = handlerOf(record)
      return header === null ? invokers : named(header)
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

function unknownHandler(name: string): OccError {
  return new OccError(
    'OCC_HANDLER_UNKNOWN',
    `The header ${HANDLER_HEADER} names "${name}", but not all of these are handlers of this topic: send the record again to all handlers, or configure the missing one.`,
  )
}
