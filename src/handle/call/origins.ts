import { AsyncLocalStorage } from 'node:async_hooks'
import type { LoadedHandler } from '../load/loaded-handler.ts'
import type { CallContext } from './context.ts'

/**
 * The call that began what runs now; or the handler, where it was begun in its `open` or `close`; or its
 * module, while that was loaded.
 */
export type Origin = CallContext | LoadedHandler | { readonly file: string }

/**
 * Follows whatever a handler begins, timers and sockets too, so that an error outside of its promise
 * can be laid at its door. About 0.3 microseconds a call. The service itself begins nothing in there:
 * where a handler's call gets into it (emits), it steps out.
 */
export const origins = new AsyncLocalStorage<Origin | undefined>()
