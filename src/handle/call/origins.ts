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

const nothing = newScope()
const isKept = keeps(nothing)

/**
 * Runs it with this origin, and in no other context: what started the record's turn is not part of the
 * call. A fifth of the cost of `origins.run`, which copies the context on the way in and out.
 */
export function runAlone<By extends Origin, Given, Result>(
  origin: By,
  work: (given: Given, origin: By) => Result,
  given: Given,
): Result {
  const scope = isKept ? nothing.runInAsyncScope(newScope) : nothing
  return scope.runInAsyncScope(enter<By, Given, Result>, undefined, origin, work, given)
}

function newScope(): AsyncResource {
  return new AsyncResource('call')
}

/**
 * Whether what is entered in a scope stays in it, as before Node 24. Then each call needs its own: the next
 * one would have what a handler enters into a storage of its own.
 */
function keeps(scope: AsyncResource): boolean {
  const storage = new AsyncLocalStorage<boolean>()
  scope.runInAsyncScope(() => storage.enterWith(true))
  const isThere = scope.runInAsyncScope(() => storage.getStore() === true)
  storage.disable()
  return isThere
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
