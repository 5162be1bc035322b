import { messageOf, OccError } from '../../kernel/errors.ts'
import { MAX_PARKED } from '../../kernel/shapes/parked.ts'

export function strayError(handler: string, error: unknown): OccError {
  return new OccError(
    'OCC_HANDLER_STRAY',
    `The handler ${handler} did not answer after an error outside its promise: ${messageOf(error)}. ` +
      'Remedy: await or return every promise; let callbacks reject; listen to `error` events.',
    { cause: error, retriable: true },
  )
}

export function noTransaction(name: string): OccError {
  return new OccError(
    'OCC_HANDLER_TRANSACTION',
    `The handler ${name} calls context.transaction, and there is no transaction to join. Remedy: set offsets.store: postgres (docs/postgres.md); commands that run handlers themselves have none, so replay the other handlers with --handler.`,
    { retriable: true },
  )
}

export function notFromWorkers(name: string): OccError {
  return new OccError(
    'OCC_HANDLER_TRANSACTION',
    `The handler ${name} calls context.transaction, which cannot reach the transaction from a worker thread. Its records wait. Remedy: emit rows instead, or give the handler group: own, so that it runs in the main thread (docs/handlers.md), or set processing.workers: 0.`,
    { retriable: true },
  )
}

export function noParking(name: string): OccError {
  return new OccError(
    'OCC_HANDLER_LATER',
    `The handler ${name} calls context.later, and there is no place for parked records. Remedy: set parked.store: postgres (docs/parked.md).`,
    { retriable: true },
  )
}

export function wrongTime(name: string, after: unknown): OccError {
  return new OccError(
    'OCC_HANDLER_LATER',
    `The handler ${name} calls context.later(${String(after)}). Remedy: milliseconds from 0 to ${MAX_PARKED} (30 days).`,
  )
}

export function tooLate(name: string, sink: string): OccError {
  return new OccError(
    'OCC_EMIT_TOO_LATE',
    `The handler ${name} emits to ${sink} after its call was over: await everything it starts, and stop when context.signal aborts.`,
    { retriable: true },
  )
}

export function tooSlow(name: string, timeout: number): OccError {
  return new OccError(
    'OCC_HANDLER_TIMEOUT',
    `The handler ${name} took longer than ${timeout} ms (handlers[].timeout).`,
    { retriable: true },
  )
}
