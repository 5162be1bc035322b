export interface ErrorMeaning {
  /** What happened: one sentence. */
  readonly meaning: string
  /** What the user can do about it. */
  readonly remedy: string
  /** Whether a retry can succeed without any change; `depends`: see `retriable` of the error. */
  readonly retriable: 'yes' | 'no' | 'depends'
}

/** Codes of one subject: a chapter of docs/errors.md. */
export interface ErrorChapter {
  readonly title: string
  readonly introduction: string
  readonly codes: Readonly<Record<`OCC_${string}`, ErrorMeaning>>
}
