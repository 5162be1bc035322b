import type { Answer } from '../post.ts'

/** What a handler emitted, or an alert. */
export interface Notice {
  /** The value as JSON: amounts are decimal text. */
  readonly value: unknown
  /** What it says: the value if that is text, its field `message` or `text`, else its JSON. */
  readonly text: string
  /** For how long it concerns the same thing: an alert and its end have the same. */
  readonly key: string
  readonly isResolved: boolean
  /** Seconds since the epoch. */
  readonly timestamp: number
}

/** The request that a service wants. */
export interface Template {
  readonly name: string
  /** Its own limit, in requests a second. */
  readonly perSecond: (options: TemplateOptions) => number
  /** Undefined: the URL is the user's. */
  readonly url?: (given: string | undefined, token: string) => string
  bodyOf(notice: Notice, options: TemplateOptions, token: string): object
  /** Milliseconds that an answer asks to wait in another way than Retry-After; null: none. */
  waitOf?(answer: Answer): number | null
}

export interface TemplateOptions {
  /** Of Telegram. */
  readonly chat?: string | undefined
}

/** The field of a body that is JSON; undefined if it is not there. */
export function fieldOf(text: string, ...path: readonly string[]): unknown {
  try {
    return path.reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined,
      JSON.parse(text),
    )
  } catch {
    return undefined
  }
}

/** The text, cut so that it has at most so many characters. */
export function atMost(characters: number, text: string): string {
  return text.length <= characters ? text : `${text.slice(0, characters - 1).toWellFormed()}…`
}

/** Of a number of seconds, as a number or a text; null: it is none. */
export function milliseconds(seconds: unknown): number | null {
  const number = Number(seconds)
  const isSaid = typeof seconds === 'number' || typeof seconds === 'string'
  return isSaid && number > 0 && Number.isFinite(number) ? Math.ceil(number * 1000) : null
}
