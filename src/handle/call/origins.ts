import { AsyncLocalStorage } from 'node:async_hooks'
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
 * can be attributed to it. Costs about 0.3 microseconds per call. When a handler's call enters the
 * service (emits), the service leaves this context, so that nothing it starts is attributed to the
 * handler.
 */
export const origins = new AsyncLocalStorage<Origin | undefined>()

/** Runs it in the service's name, as what a call enters. */
export function outside<Args extends unknown[], Result>(
  work: (...args: Args) => Result,
  ...args: Args
): Result {
  return origins.getStore() === undefined ? work(...args) : origins.run(undefined, work, ...args)
}
