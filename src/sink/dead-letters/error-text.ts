import { stackOf } from '../../kernel/error-stack.ts'
import type { OccError } from '../../kernel/errors.ts'
import { redactText } from '../../kernel/text/redact-text.ts'
import type { StoredLetter } from './types.ts'

/** The first line of a stack, wherever it comes from. */
const STACK = '\n    at '

/**
 * The text that targets keep of an error: its message, and below it the stack of the handler that
 * threw it, both redacted and bounded. One text, so that cutting it takes the stack first, and no
 * table needs another column.
 */
export function errorText(error: OccError): string {
  const message = redactText(error.message)
  const stack = stackOf(error)
  return stack === null ? message : `${message}\n${stack}`
}

/** The parts of a stored text. */
export function splitErrorText(text: string): Pick<StoredLetter, 'errorMessage' | 'errorStack'> {
  const at = text.indexOf(STACK)
  return at === -1
    ? { errorMessage: text, errorStack: null }
    : { errorMessage: text.slice(0, at), errorStack: text.slice(at + 1) }
}
