import { stackOf, withStack } from '../kernel/error-stack.ts'
import { CodedError, codeOf, messageOf, OccError } from '../kernel/errors.ts'
import type { Outcome } from '../kernel/shapes/outcome.ts'
import { traceOf, withTrace } from '../kernel/tracing.ts'

/** An error in a form that crosses threads: a cloned error loses its class and its code. */
export interface WireError {
  readonly code: string
  readonly message: string
  readonly retriable: boolean
  /** As of `stackOf`. */
  readonly stack: string | null
  /** As of `traceOf`. */
  readonly trace: string | null
}

/** An outcome with an error that can cross threads. */
export type WireOutcome =
  | Exclude<Outcome, { readonly error: OccError }>
  | (Omit<Extract<Outcome, { readonly error: OccError }>, 'error'> & { readonly error: WireError })

export function toWireError(error: unknown): WireError {
  const retriable = error instanceof OccError ? error.retriable : true
  const trace = error instanceof OccError ? traceOf(error) : null
  return { code: codeOf(error), message: messageOf(error), retriable, stack: stackOf(error), trace }
}

/** A foreign code becomes part of the text. */
export function fromWireError({ code, message, retriable, stack, trace }: WireError): OccError {
  const error = isOurs(code)
    ? new CodedError(code, message, { retriable })
    : new OccError('OCC_WORKER', `${code}: ${message}`, { retriable })
  return withTrace(withStack(error, stack), trace)
}

function isOurs(code: string): code is `OCC_${string}` {
  return code.startsWith('OCC_')
}

export function toWireOutcome(outcome: Outcome): WireOutcome {
  if (!('error' in outcome)) return outcome
  return { ...outcome, error: toWireError(outcome.error) }
}

export function fromWireOutcome(outcome: WireOutcome): Outcome {
  if (!('error' in outcome)) return outcome
  const { error, ...rest } = outcome
  // The spread keeps the kind together with its fields.
  return { ...rest, error: fromWireError(error) } as Outcome
}
