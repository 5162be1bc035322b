export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

export interface EventMeaning {
  /** Its level; several if that depends on the case. */
  readonly level: LogLevel | readonly LogLevel[]
  /** What happened, and when the line is written: one sentence. */
  readonly meaning: string
}

/** Events of one subject: a chapter of docs/log-events.md. */
export interface EventChapter {
  readonly title: string
  readonly events: Readonly<Record<`${string}.${string}`, EventMeaning>>
}
