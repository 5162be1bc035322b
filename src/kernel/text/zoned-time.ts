/**
 * Of ISO 8601; the zone, the time of the day and its seconds may be missing. A producer may have
 * sent a year of six digits.
 */
const TIME =
  /^((?:\d{4}|[+-]\d{6})-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)?(Z|[+-]\d{2}:?\d{2})?$/i

/**
 * A time with its zone, in milliseconds since the epoch, or why it is none: without a zone it would be
 * another moment on another machine.
 */
export function readZonedTime(text: string): number | 'no time' | 'no zone' | 'no such date' {
  const [, date, zone] = TIME.exec(text) ?? []
  if (date === undefined) return 'no time'
  if (zone === undefined) return 'no zone'
  const time = Date.parse(text.replace(' ', 'T'))
  return Number.isNaN(time) || !isDate(date) ? 'no such date' : time
}

/** `Date.parse` takes February 30 for March 2. */
function isDate(date: string): boolean {
  const day = new Date(`${date}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date)
}
