import { readFileSync } from 'node:fs'
import { codeOf, OccError } from '../kernel/errors.ts'
import { secretIn } from '../kernel/text/secret.ts'

/**
 * The secret in a file, as `secretIn` returns it. Throws OCC_SECRET_UNREADABLE or OCC_SECRET_EMPTY;
 * the messages never contain the secret.
 */
export function readSecretFile(path: string): string {
  let content: Buffer
  try {
    content = readFileSync(path)
  } catch (error) {
    throw new OccError('OCC_SECRET_UNREADABLE', `${path} ${unreadable(error)}`, { cause: error })
  }
  let secret: string
  try {
    secret = secretIn(content)
  } catch (error) {
    const text = `${path} names a file that is not UTF-8 text`
    throw new OccError('OCC_SECRET_UNREADABLE', text, { cause: error })
  }
  if (secret.trim() === '') {
    throw new OccError('OCC_SECRET_EMPTY', `${path} is empty; it must hold the secret`)
  }
  return secret
}

/** What is probably unintended in a secret, as a clause that does not show it; null: nothing. */
export function strange(secret: string): string | null {
  if (/[\r\n]/.test(secret)) return 'has several lines'
  return secret === secret.trim() ? null : 'begins or ends with white space'
}

/** Why a file cannot be read, as a clause. */
export function unreadable(error: unknown): string {
  const code = codeOf(error)
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'names a file that does not exist'
  if (code === 'EACCES' || code === 'EPERM') return 'names a file that this user may not read'
  if (code === 'EISDIR') return 'names a directory, not a file'
  return `names a file that cannot be read (${code})`
}

/** What to do about a file that cannot be read. @param otherwise where the error says no more */
export function unreadableRemedy(error: unknown, otherwise: string): string {
  const codes = [codeOf(error), codeOf(error instanceof Error ? error.cause : undefined)]
  if (codes.includes('OCC_SECRET_EMPTY')) return 'write the secret into the file'
  if (!codes.includes('EACCES') && !codes.includes('EPERM')) return otherwise
  return 'let the user of this process read it: of a mounted Secret with fsGroup and defaultMode 0440'
}
