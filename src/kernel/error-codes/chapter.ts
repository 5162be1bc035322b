export interface ErrorMeaning {
  /** What has happened: one sentence. */
  readonly meaning: string
  /** What is left to do, for whoever reads the code. */
  readonly remedy: string
  /** Whether the same may succeed later without anybody changing anything; `depends`: the throw says it. */
  readonly retriable: 'yes' | 'no' | 'depends'
}

/** Codes of one subject: a chapter of docs/errors.md. */
export interface ErrorChapter {
  readonly title: string
  readonly introduction: string
  readonly codes: Readonly<Record<`OCC_${string}`, ErrorMeaning>>
}
