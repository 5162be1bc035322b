/** What a handler is told of a record that was parked. */
export interface Parked {
  /** How often it was parked, 1 or more. */
  readonly times: number
  /** Since when, milliseconds since the epoch: the first time. */
  readonly since: number
}

/** A parked record that is due, as it is handled again. */
export interface DueRecord extends Parked {
  /** The only handlers that get it, separated by commas; null: all. */
  readonly handler: string | null
  /** It was a replay when it was parked. */
  readonly isReplay: boolean
}
