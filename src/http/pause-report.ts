import type { Pause } from '../kernel/pause-target.ts'

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

export function pauseReport({ since, until, ...pause }: Pause): PauseReport {
  return { ...pause, since: iso(since), until: until === null ? null : iso(until) }
}

/** Another pod may have written any number. */
function iso(milliseconds: number): string {
  const date = new Date(milliseconds)
  return Number.isNaN(date.getTime()) ? String(milliseconds) : date.toISOString()
}
