import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'

/** Text about the error that ended the process: with a stack only if it is a bug. */
export function describeFailure(error: unknown): string {
  if (error instanceof OccError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : messageOf(error)
}

/** Text about one error among several: its message and its code. */
export function describeProblem(error: unknown): string {
  return `${messageOf(error)} (${codeOf(error)})`
}
