import { codeOf, messageOf } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { namesOwnFile } from '../../kernel/own-files.ts'
import { Repeats } from '../../kernel/time/repeats.ts'
import type { StrayCounts } from '../../observe/types.ts'
import type { LoadedHandler } from '../load/loaded-handler.ts'
import { Call } from './call.ts'
import type { HandlerInvoker } from './invoker.ts'
import { type Origin, origins } from './origins.ts'

/** An unawaited promise rejected, or a callback threw, as in a timer or for an `error` event. */
type StrayKind = keyof StrayCounts

export interface StrayErrors {
  /**
   * Called synchronously with an uncaught error, while its origin is still known. False: it belongs
   * to no handler here, and was not logged.
   */
  stray(kind: StrayKind, error: unknown): boolean
  /** Records of some of the calls that have not ended: `topic/partition@offset`. */
  inFlight(): string[]
}

/** Lines a minute for each handler. */
const MAX_LINES = 30
/** Maximum calls named in a log line. */
const MAX_NAMED = 10

export function createStrayErrors(invokers: readonly HandlerInvoker[], log: Log): StrayErrors {
  const repeats = new Repeats(MAX_LINES)

  function invokerOf(origin: Origin | undefined, error: unknown): HandlerInvoker | undefined {
    if (origin !== undefined) {
      const from = 'handler' in origin ? origin.handler : origin
      const { file } = from
      const own = invokers.find(({ handler }) => handler === from)
      // A handler that is not among these is another group's, even with the same file.
      if (own !== undefined || 'definition' in from) return own
      return invokers.find(({ handler }) => file !== undefined && handler.file === file)
    }
    const stack = error instanceof Error ? (error.stack ?? '') : ''
    if (namesOwnFile(stack)) return undefined
    return invokers.find(({ handler: { file } }) => file !== undefined && stack.includes(file))
  }

  return {
    stray(kind, error) {
      const origin = origins.getStore()
      const invoker = invokerOf(origin, error)
      if (invoker === undefined) return false
      const { handler, inFlight } = invoker
      handler.meter.strays[kind] += 1
      const call = origin instanceof Call ? origin : null
      const isOver = call === null || call.isEnded
      const suspects = isOver ? inFlight : [call]
      for (const suspect of suspects) suspect.strayed(error, suspect === call)
      if (repeats.next(handler.name, performance.now()) === null) return true
      const { topic, partition, offset } = call?.record ?? {}
      log.error(
        {
          event: 'handler.stray-error',
          kind,
          handler: handler.name,
          code: codeOf(error),
          ...(call !== null && { topic, partition, offset }),
          ...(isOver && { inFlight: namesOf(suspects) }),
          error,
        },
        textOf(kind, handler, call, error),
      )
      return true
    },
    inFlight: () => namesOf(invokers.flatMap(({ inFlight }) => inFlight)),
  }
}

function textOf(
  kind: StrayKind,
  { name }: LoadedHandler,
  call: Call | null,
  error: unknown,
): string {
  const what =
    kind === 'rejection'
      ? 'A promise that nobody awaits was rejected'
      : 'An error was thrown where nobody could catch it'
  const where = call === null ? 'outside its calls' : `in its call with ${placeOf(call)}`
  return (
    `${what}, begun by the handler ${name} ${where}: ${messageOf(error)}. The call's answer still counts; a call that does not end after the error fails. ` +
    'Remedy: await or return every promise, let callbacks reject, listen to `error` events.'
  )
}

function namesOf(calls: readonly Call[]): string[] {
  return calls.slice(0, MAX_NAMED).map(placeOf)
}

function placeOf({ record: { topic, partition, offset } }: Call): string {
  return `${topic}/${partition}@${offset}`
}
