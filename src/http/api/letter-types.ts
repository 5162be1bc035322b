import type { LetterPlace } from '../../sink/dead-letters/types.ts'

export type LetterAction = 'redrive' | 'drop'

/** Which letters: all that is given must fit. */
export interface LetterChoice {
  readonly errorType?: string
  /** What the letter names, in full; null: letters that name no handler. */
  readonly handler?: string | null
  /** The original one. */
  readonly topic?: string
  /** Failed before; milliseconds since the epoch. */
  readonly until?: number
}

export interface LetterOrder {
  readonly choice: LetterChoice
  /** Letters a second; 0: no limit. */
  readonly rate: number
  /** Also letters that a redrive which ended early may have sent. */
  readonly resend: boolean
  /** Letters redriven this many times stay; undefined: as `dlq redrive`. */
  readonly maxRedrives: number | undefined
}

/** Times are ISO 8601. */
export interface LetterKinds {
  readonly at: string
  /** Where they were read. */
  readonly places: readonly LetterPlace[]
  /** Of the groups of the service, and of others. */
  readonly letters: number
  readonly others: number
  /** Why not all were read, so that the figures are wrong; null: they are right. */
  readonly cut: string | null
  /** The most frequent first. */
  readonly kinds: ReadonlyArray<{
    readonly errorType: string
    readonly handler: string | null
    readonly topic: string
    readonly letters: number
    readonly first: string
    readonly last: string
    /** The one that failed last: `place` is topic/partition/offset. */
    readonly sample: { readonly id: string; readonly place: string; readonly message: string }
  }>
  /** Letters of further kinds. */
  readonly more: number
}

/** What would be done, and what stays and why. */
export interface LetterPlan {
  /** Letters that fail from then on are in no figure. */
  readonly until: string
  readonly wanted: number
  readonly tooOften: number
  readonly uncertain: number
  /** Damaged batches. */
  readonly batches: number
  /** Of other groups. */
  readonly others: number
}

export interface LetterWork {
  readonly action: LetterAction
  readonly state: 'running' | 'done' | 'cancelled' | 'failed'
  /** The name of a token. */
  readonly by: string
  readonly choice: { readonly [Key in keyof LetterChoice]: string | null }
  readonly startedAt: string
  readonly endedAt: string | null
  readonly wanted: number
  /** So far, the refused ones included. */
  readonly done: number
  /** Known at the end: letters that stay, for these reasons. */
  readonly refused: number
  readonly reasons: ReadonlyArray<{
    readonly reason: string
    readonly letters: number
    readonly id: string
  }>
  /** Why it failed. */
  readonly error: { readonly code: string; readonly detail: string } | null
}

export interface Operator {
  readonly who: string
  readonly address: string
}

/** What the API can do with the dead letters of the groups of this process. */
export interface LettersApi {
  /** Rejects with the errors of the target. */
  kinds(): Promise<LetterKinds>
  /** Changes nothing. Rejects with OCC_DEAD_LETTERS_MANY, too. */
  plan(action: LetterAction, order: LetterOrder): Promise<LetterPlan>
  /**
   * Resolves when it is under way, and continues in this process alone. Rejects with
   * OCC_DEAD_LETTERS_LOCKED if another one is under way, and if nobody would handle the letters.
   */
  begin(action: LetterAction, order: LetterOrder, by: Operator): Promise<LetterWork>
  /** The newest one of this process; null: there was none. */
  work(action: LetterAction): LetterWork | null
  /** Ends it after the batch that is being sent. False: none is under way. */
  cancel(action: LetterAction, by: Operator): boolean
}
