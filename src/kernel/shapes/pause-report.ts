import { timeText } from '../text/figures.ts'
import type { Pause } from './pause-target.ts'

/** A pause by an operator. */
export interface PauseReport {
  readonly topic?: string
  readonly partition?: number
  readonly handler?: string
  /** Name of the operator's token. */
  readonly by: string
  /** ISO 8601, UTC; so is `until`. */
  readonly since: string
  /** null: until somebody resumes it. */
  readonly until: string | null
  readonly reason: string | null
}

/** Another pod may have written any number as a time. */
export function pauseReport({ since, until, ...pause }: Pause): PauseReport {
  return { ...pause, since: timeText(since), until: until === null ? null : timeText(until) }
}
