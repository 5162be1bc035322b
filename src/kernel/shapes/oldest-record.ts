import { formatDuration } from '../text/figures.ts'

/** The record that was taken first of those of a partition that are not finished. */
export interface OldestRecord {
  readonly offset: number
  /** Which attempt it is in, or waits for: 1, 2, ... */
  readonly attempt: number
  /** As in `flow/lane/pending-record`. */
  readonly state: 'queued' | 'ready' | 'running' | 'waiting' | 'suspect' | 'dead-lettering'
  /**
   * The handlers that have it now, and have not answered. Empty: none has, or it is not known (several handlers
   * in worker threads, a call that waits for its turn).
   */
  readonly handlers: readonly string[]
  /** The handler that failed with it last; null: none did. */
  readonly handler: string | null
  /** The code of that error; null: it has not failed. */
  readonly code: string | null
}

const DOING: Readonly<Record<OldestRecord['state'], string>> = {
  queued: 'waits for the records before it',
  ready: 'waits for its turn',
  running: 'is being handled',
  waiting: 'waits for its next attempt',
  suspect: 'is set aside: the record or its handler is at fault',
  'dead-lettering': 'is being kept as a dead letter',
}

export function isOldestState(text: unknown): text is OldestRecord['state'] {
  return typeof text === 'string' && Object.hasOwn(DOING, text)
}

/** `offset 101, attempt 2, for 12.0 s: is being handled by whale; whale failed with OCC_HANDLER`. */
export function oldestRecordText(oldest: OldestRecord, seconds: number): string {
  const { offset, attempt, state, handlers, handler, code } = oldest
  const by = handlers.length === 0 ? '' : ` by ${handlers.join(' and ')}`
  const failed = code === null ? '' : `; ${handler ?? 'decoding'} failed with ${code}`
  const time = formatDuration(Math.max(0, seconds) * 1000)
  return `offset ${offset}, attempt ${attempt}, for ${time}: ${DOING[state]}${by}${failed}`
}
