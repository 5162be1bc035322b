import type { BatchHandler, SingleHandler } from './types.ts'

/**
 * Says that an object is a handler, and gives its functions their types; it returns the object as
 * it is. `export default defineHandler({ name, handle(message, context) { ... } })`.
 */
export function defineHandler(handler: SingleHandler): SingleHandler
export function defineHandler(handler: BatchHandler): BatchHandler
export function defineHandler(handler: SingleHandler | BatchHandler) {
  return handler
}
