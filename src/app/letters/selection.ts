import type { StoredLetter } from '../../sink/dead-letters/types.ts'
import type { Wanted } from './wanted.ts'

export const DEFAULT_MAX_REDRIVES = 3

/** Which letters are selected, and which of them stay where they are. */
export interface Selection {
  readonly filter: Wanted
  readonly limit: number
  /** Letters redriven this many times are skipped. */
  readonly maxRedrives: number
  /** Whether to include letters that an earlier redrive may have sent. */
  readonly resend: boolean
  /** Whether to include letters that are whole batches instead of records. */
  readonly batches: boolean
}

export type Verdict = 'wanted' | 'redriven too often' | 'may have been sent' | 'no record'

/** Errors of letters that hold a raw batch: sending that as a record is useless. */
const OF_BATCHES: ReadonlySet<string> = new Set([
  'OCC_BATCH_CORRUPT',
  'OCC_BATCH_CODEC',
  'OCC_BATCH_FORMAT',
  'OCC_BATCH_TOO_LARGE',
])

export function judge(letter: StoredLetter, { maxRedrives, resend, batches }: Selection): Verdict {
  if (!batches && OF_BATCHES.has(letter.errorType)) return 'no record'
  if (letter.redrives >= maxRedrives) return 'redriven too often'
  return letter.sendingSince !== null && !resend ? 'may have been sent' : 'wanted'
}
