import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import type { LoadedHandler } from '../load/loaded-handler.ts'

/** A call of a handler; see call.ts. */
interface Call {
  readonly handler: LoadedHandler
}

/**
 * The origin of the running code: a call; or a handler, during its `open` or `close`; or a module,
 * while it is being loaded.
 */
export type Origin = Call | LoadedHandler | { readonly file: string }

/**
 * Follows everything a handler starts, timers and sockets too, so that an error outside its promise
 * can be attributed to it. When a handler's call enters the
 * service (emits), the service leaves this context, so that nothing it starts is attributed to the
 * handler.
 */
export const origins = new AsyncLocalStorage<Origin | undefined>()

const nothing = new AsyncResource('call')

/**
 * Runs it with this origin, and in no other context: what started the record's turn is not part of the
 * call. A fifth of the cost of `origins.run`, which copies the context on the way in and out.
 */
export function runAlone<By extends Origin, Given, Result>(
  origin: By,
  work: (given: Given, origin: By) => Result,
  given: Given,
): Result {
  return nothing.runInAsyncScope(enter<By, Given, Result>, undefined, origin, work, given)
}

function enter<By extends Origin, Given, Result>(
  origin: By,
  work: (given: Given, origin: By) => Result,
  given: Given,
): Result {
  origins.enterWith(origin)
  return work(given, origin)
}

/** Runs it in the service's name, as what a call enters. */
export function outside<Args extends unknown[], Result>(
  work: (...args: Args) => Result,
  ...args: Args
): Result {
  return origins.getStore() === undefined ? work(...args) : origins.run(undefined, work, ...args)
}
