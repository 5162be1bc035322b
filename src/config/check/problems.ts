/** One error or warning about the configuration. */
export interface Problem {
  /** Dotted path of the key: `kafka.brokers[0]`. */
  readonly key: string
  /** What set it: an environment variable, a pasted property, a file. Undefined: not set. */
  readonly source?: string | undefined
  /** The value as a user would write it; undefined if there is none or it must stay secret. */
  readonly value?: string | undefined
  /** What is wrong, as a clause: `has no port`. */
  readonly message: string
  /** What to do about it. */
  readonly remedy: string
}

/** The message for a key that must be set. */
export const MISSING = 'is missing'

const SECRET_NAME = /pass(word|wd|phrase)|secret|token|jaas|credential|(^|[._])pem$|(^|[._])pwd$/i
const SECRET_VALUE = /-----BEGIN|:[^/@\s]+@/
const MAX_VALUE = 100

/**
 * The value for a message, or undefined if it is or may be a secret. `*File` keys hold paths, but
 * people paste the secret itself there, so only what looks like a path is shown.
 */
export function showValue(key: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  const text = textOf(value)
  if (SECRET_VALUE.test(text)) return undefined
  if (SECRET_NAME.test(key)) {
    const isPath = /File$|_FILE$/.test(key) && /^\.{0,2}\//.test(text)
    if (!isPath) return undefined
  }
  const shown = JSON.stringify(typeof value === 'string' ? value : text)
  const readable = typeof value === 'string' ? shown : text
  return readable.length > MAX_VALUE ? `${readable.slice(0, MAX_VALUE)}...` : readable
}

/** JSON knows no infinity. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : JSON.stringify(value)
}

/** All problems in one text: for each the key, the value, its origin and the remedy. */
export function formatProblems(
  problems: readonly Problem[],
  noun: 'problem' | 'warning' = 'problem',
): string {
  const count = `${problems.length} ${noun}${problems.length === 1 ? '' : 's'}`
  return [`${count} in the configuration:`, ...problems.map(formatProblem)].join('\n')
}

/** One problem in one line, for the log. */
export function formatProblemLine(problem: Problem): string {
  const stop = /[.?!]$/.test(problem.message) ? '' : '.'
  return `${subject(problem)} ${problem.message}${stop} Remedy: ${problem.remedy}`
}

function formatProblem(problem: Problem): string {
  return `\n  ${subject(problem)}\n    ${problem.message}\n    Remedy: ${problem.remedy}`
}

function subject({ key, source, value }: Problem): string {
  const setting = value === undefined ? key : `${key} = ${value}`
  return source === undefined ? setting : `${setting} (from ${source})`
}
