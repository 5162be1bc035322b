import { messageOf, OccError } from '../../../src/kernel/errors.ts'

/** Ends a failed command: one message for the user, no stack trace, exit code 1. */
export function sayAndExit(error: unknown): void {
  const code = error instanceof OccError ? `${error.code}: ` : ''
  console.error(`${code}${messageOf(error)}`)
  process.exitCode = 1
}
