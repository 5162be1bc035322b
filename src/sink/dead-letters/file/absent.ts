import { codeOf } from '../../../kernel/errors.ts'

/** For `catch`: null if there is no such file or folder. */
export function absent(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null
  throw error
}
