import type { BatchHandler, SingleHandler } from './types.ts'

/**
 * Declares an object as a handler and types its functions. Returns the object unchanged.
 * `export default defineHandler({ name, handle(message, context) { ... } })`.
 */
export function defineHandler(handler: SingleHandler): SingleHandler
export function defineHandler(handler: BatchHandler): BatchHandler
export function defineHandler(handler: SingleHandler | BatchHandler) {
  return handler
}
