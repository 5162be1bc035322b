import { redactUserInfo } from './redact-url.ts'

export const REDACTED = '[redacted]'

/** Max characters kept of a foreign text, such as the message of an error. */
export const MAX_TEXT = 8_192
/** Characters checked beyond it, so that a secret across the cut is still recognized. */
const MARGIN = 1_024

const PEM_PRIVATE_KEY =
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g
const BEARER = /\b(bearer\s{1,4}|basic\s{1,4}(?=[a-z0-9+/=_-]{8}))[^\s"',;]+/gi
/** Values after these names are hidden to the end of the line or string. */
const SECRET_LINE =
  /\b((?:authorization|cookie)\\{0,4}["']?\s{0,4}[:=]\s{0,4}\\{0,4}["']?)[^\r\n"'\\]+/gi
/**
 * `name=value`, `name: value`, and as JSON. Longer names with these endings match, too; names that
 * continue (`passwordFile`) say where a secret is kept, and help to find a mistake.
 */
const PAIR =
  /((?:(?:api|access|private|secret)[-_]?key|secret|token|passw(?:or)?d|pwd|passphrase|credentials?|signature|connection[-_]?string)\\{0,4}["']?\s{0,4}[=:]\s{0,4})(?:\\{0,4}"(?:[^"\\]|\\[\s\S])*"?|'[^']*'?|[^\s"'&,;]+)/gi
/** Names that hold secrets in the query of a URL, but are plain words elsewhere. */
const QUERY = /([?&](?:key|sig|auth|jwt|pass)=)[^\s"'&#]+/gi

/**
 * Makes a foreign text safe to log: its first `MAX_TEXT` characters, without private keys, and
 * without passwords and tokens that are named like one or are part of a URL. The time is linear,
 * and independent of what is cut off.
 */
export function redactText(text: string): string {
  if (text.length <= MAX_TEXT) return hideSecrets(text)
  const looked = text.slice(0, MAX_TEXT + MARGIN)
  const kept = hideSecrets(looked, looked.length < text.length).slice(0, MAX_TEXT)
  // Half of a surrogate pair is not a character.
  return `${kept.toWellFormed()} [cut]`
}

/** The same without a limit. @param isCut whether the text was cut. */
export function hideSecrets(text: string, isCut = false): string {
  return redactUserInfo(text.replace(PEM_PRIVATE_KEY, REDACTED), REDACTED, isCut)
    .replace(BEARER, `$1${REDACTED}`)
    .replace(SECRET_LINE, `$1${REDACTED}`)
    .replace(PAIR, `$1${REDACTED}`)
    .replace(QUERY, `$1${REDACTED}`)
}
