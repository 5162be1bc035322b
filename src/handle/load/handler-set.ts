import { messageOf, OccError, together } from '../../kernel/errors.ts'
import { withDeadline } from '../../kernel/lifecycle.ts'
import { matchesAnyTopic } from '../../kernel/topic-pattern.ts'
import { createInvoker, type HandlerInvoker } from '../call/invoker.ts'
import { origins } from '../call/origins.ts'
import { createTopicHandlers, type TopicHandlers } from '../select/topic-handlers.ts'
import type { LoadedHandler } from './loaded-handler.ts'

/** All handlers of the service. */
export interface HandlerSet {
  readonly names: readonly string[]
  readonly invokers: readonly HandlerInvoker[]
  of(topic: string): TopicHandlers
  /**
   * Calls `open` of each handler. Throws OCC_HANDLER_OPEN with the names of all that fail.
   * @param deadline milliseconds for each; default: none.
   */
  open(deadline?: number): Promise<void>
  /** Calls `close` of each opened handler, in reverse order, each with a deadline. */
  close(): Promise<void>
}

/** Maximum milliseconds for the `close` of a handler, because the process is about to end. */
const CLOSE_DEADLINE = 5_000

/** @param topics those consumed. Throws OCC_HANDLER_KEY if two handlers of a topic and a group define key(). */
export function createHandlerSet(
  handlers: readonly LoadedHandler[],
  topics: readonly string[],
): HandlerSet {
  const invokers = handlers.map(createInvoker)
  const byTopic = new Map(topics.map((topic) => [topic, handlersOf(topic, invokers)]))
  const opened: LoadedHandler[] = []

  return {
    names: handlers.map(({ name }) => name),
    invokers,
    of: (topic) => byTopic.get(topic) ?? handlersOf(topic, invokers),
    async open(deadline) {
      const problems: OccError[] = []
      for (const handler of handlers) {
        const { name, definition, log, options } = handler
        try {
          const opening = origins.run(handler, async () => definition.open?.({ log, options }))
          await (deadline === undefined
            ? opening
            : withDeadline(opening, deadline, `open() of the handler ${name}`))
          opened.push(handler)
        } catch (error) {
          problems.push(unopened(name, error))
        }
      }
      if (problems.length > 0) throw together('OCC_HANDLER_OPEN', problems)
    },
    async close() {
      for (const handler of opened.splice(0).reverse()) {
        const { name, definition, log } = handler
        try {
          const closing = origins.run(handler, async () => definition.close?.())
          await withDeadline(closing, CLOSE_DEADLINE, `close() of the handler ${name}`)
        } catch (error) {
          log.error({ event: 'handler.not-closed' }, messageOf(error))
        }
      }
    },
  }
}

function unopened(name: string, error: unknown): OccError {
  const reason = messageOf(error).replace(/\.$/, '')
  return new OccError(
    'OCC_HANDLER_OPEN',
    `The handler ${name} cannot be opened: ${reason}. The service does not start without it. Remedy: correct what its open() needs, such as handlers[].options or what it connects to`,
    { cause: error },
  )
}

function handlersOf(topic: string, invokers: readonly HandlerInvoker[]): TopicHandlers {
  const own = invokers.filter(({ handler }) => matchesAnyTopic(handler.topics, topic))
  const ordering = own.filter(
    ({ handler }) => handler.definition.key !== undefined && handler.hasOwnGroup !== true,
  )
  const [first, second] = ordering.map(({ handler }) => handler.name)
  if (second !== undefined) {
    throw new OccError(
      'OCC_HANDLER_KEY',
      `The handlers ${first} and ${second} both define key() for ${topic}: a topic has only one order. Remove key() from one of them, or give them other topics.`,
    )
  }
  return createTopicHandlers(own)
}
