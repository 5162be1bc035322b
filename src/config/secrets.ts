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

/** Min characters of a token, so that it cannot be guessed. */
export const MIN_TOKEN = 16

/** Whether it can be sent in a header, and is long enough. */
export function isAdminToken(token: string): boolean {
  return token.length >= MIN_TOKEN && token.length <= 512 && /^[\x21-\x7e]+$/.test(token)
}

/**
 * The token of the admin API, trimmed. Throws like `readSecretFile`, or OCC_ADMIN_TOKEN if it is
 * unusable.
 */
export function readAdminToken(path: string, key = 'admin.tokenFile'): string {
  const token = readSecretFile(path).trim()
  if (isAdminToken(token)) return token
  throw new OccError(
    'OCC_ADMIN_TOKEN',
    `${path} (${key}) does not hold a token of at least ${MIN_TOKEN} printable characters: write one there (openssl rand -hex 32)`,
  )
}

/** Why a file cannot be read, as a clause. */
export function unreadable(error: unknown): string {
  const code = codeOf(error)
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'names a file that does not exist'
  if (code === 'EACCES' || code === 'EPERM') return 'names a file that this user may not read'
  if (code === 'EISDIR') return 'names a directory, not a file'
  return `names a file that cannot be read (${code})`
}
