import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'

/** What a person reads about an error that ended the process: a stack only where it is a bug. */
export function describeFailure(error: unknown): string {
  if (error instanceof OccError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : messageOf(error)
}

/** The same where it is one problem among others: its message and its code. */
export function describeProblem(error: unknown): string {
  return `${messageOf(error)} (${codeOf(error)})`
}
