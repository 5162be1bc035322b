import { redactUserInfo } from './redact-url.ts'

export const REDACTED = '[redacted]'

/** Most characters that are kept of a text that somebody else wrote, an error's message say. */
export const MAX_TEXT = 8_192
/** Looked at beyond it: a secret that the cut goes through is still known for one. */
const MARGIN = 1_024

const PEM_PRIVATE_KEY =
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g
const BEARER = /\b(bearer\s{1,4}|basic\s{1,4}(?=[a-z0-9+/=_-]{8}))[^\s"',;]+/gi
/** What stands behind these names is hidden to the end of its line or string. */
const SECRET_LINE =
  /\b((?:authorization|cookie)\\{0,4}["']?\s{0,4}[:=]\s{0,4}\\{0,4}["']?)[^\r\n"'\\]+/gi
/**
 * `name=value`, `name: value`, and as JSON. A longer name that ends in one of these counts as well; one that
 * goes on (`passwordFile`) says where a secret is kept, and helps to find a mistake.
 */
const PAIR =
  /((?:(?:api|access|private|secret)[-_]?key|secret|token|passw(?:or)?d|pwd|passphrase|credentials?|signature|connection[-_]?string)\\{0,4}["']?\s{0,4}[=:]\s{0,4})(?:\\{0,4}"(?:[^"\\]|\\[\s\S])*"?|'[^']*'?|[^\s"'&,;]+)/gi
/** Names that are secrets in the query of a URL, and words elsewhere. */
const QUERY = /([?&](?:key|sig|auth|jwt|pass)=)[^\s"'&#]+/gi

/**
 * A text that came from elsewhere as one that may be written down: its first `MAX_TEXT` characters, and of
 * these no private key, and no password or token that is named like one or stands in a URL. What is cut
 * off is not looked at, and the time for the rest is linear.
 */
export function redactText(text: string): string {
  if (text.length <= MAX_TEXT) return hideSecrets(text)
  const looked = text.slice(0, MAX_TEXT + MARGIN)
  const kept = hideSecrets(looked, looked.length < text.length).slice(0, MAX_TEXT)
  // Half of a pair of surrogates is no character.
  return `${kept.toWellFormed()} [cut]`
}

/** The same without a limit. @param isCut whether the text went on. */
export function hideSecrets(text: string, isCut = false): string {
  return redactUserInfo(text.replace(PEM_PRIVATE_KEY, REDACTED), REDACTED, isCut)
    .replace(BEARER, `$1${REDACTED}`)
    .replace(SECRET_LINE, `$1${REDACTED}`)
    .replace(PAIR, `$1${REDACTED}`)
    .replace(QUERY, `$1${REDACTED}`)
}
