import { counted, formatCount, formatDuration } from '../../kernel/text/figures.ts'

/** What is not known. */
export const UNKNOWN = '?'

export function seconds(value: number | null): string {
  if (value === null) return UNKNOWN
  return value <= 0 ? '0 s' : formatDuration(value * 1000)
}

export function count(value: number | null): string {
  return value === null ? UNKNOWN : formatCount(value)
}

/** `1 record`, `1,234 records`. */
export function records(value: number | null): string {
  return value === null ? `${UNKNOWN} records` : counted(value, 'record')
}

/** With a digit behind the point where it is small. */
export function rate(value: number | null): string {
  if (value === null) return UNKNOWN
  return value < 10 ? String(Math.round(value * 10) / 10) : formatCount(value)
}

/** `2026-11-28 14:02:10 UTC`, from ISO 8601. */
export function moment(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`
}
