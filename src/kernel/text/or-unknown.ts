import { counted, formatCount, formatDuration } from './figures.ts'

/** What is not known looks so: never as a number. */
export const UNKNOWN = '?'

export function orUnknown<Value>(
  value: Value | null | undefined,
  format: (value: Value) => string,
): string {
  return value == null ? UNKNOWN : format(value)
}

export const count = (value: number | null | undefined) => orUnknown(value, formatCount)

/** `1 record`, `1,234 records`. */
export const records = (value: number | null) =>
  value === null ? `${UNKNOWN} records` : counted(value, 'record')

/** @param value below 0: it is over already */
export const milliseconds = (value: number | null | undefined) =>
  orUnknown(value, (time) => (time <= 0 ? '0 s' : formatDuration(time)))

/** @param value below 0: it is over already */
export const seconds = (value: number | null | undefined) =>
  milliseconds(value == null ? null : value * 1000)

/** With a digit behind the point where it is small. */
export const rate = (value: number | null | undefined) =>
  orUnknown(value, (per) => (per < 10 ? String(Math.round(per * 10) / 10) : formatCount(per)))
