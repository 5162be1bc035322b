import type { OccError } from './errors.ts'

/**
 * What became of one record. Outcomes are data: no room throws across its border for a record
 * that cannot be handled.
 *
 * - `ok`: handled; its offset is finished.
 * - `skip`: left out by a rule on purpose; its offset is finished.
 * - `failed`: cannot be handled; its offset is finished only when the record is kept safely.
 */
export type Outcome =
  | { readonly kind: 'ok' }
  | { readonly kind: 'skip'; readonly reason: string }
  | { readonly kind: 'failed'; readonly error: OccError }

export const OK: Outcome = Object.freeze({ kind: 'ok' })

export function failed(error: OccError): Outcome {
  return { kind: 'failed', error }
}
