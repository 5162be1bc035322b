export { agreeing, counted, formatCount } from './counted.ts'

/** Decimal units, at most three digits: `999 B`, `1.23 kB`, `45.6 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 'B'
  for (const next of ['kB', 'MB', 'GB', 'TB']) {
    // 999.5 would be printed as 1000.
    if (value < 999.5) break
    value /= 1000
    unit = next
  }
  if (unit === 'B') return `${Math.round(value)} B`
  return `${value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0)} ${unit}`
}

/** The two largest units: `850 ms`, `4.2 s`, `1m 05s`, `2h 03m`, `3d 04h`. */
export function formatDuration(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return 'unknown'
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`
  const seconds = Math.round(milliseconds / 1000)
  const pad = (value: number) => String(Math.floor(value)).padStart(2, '0')
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${pad(seconds % 60)}s`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h ${pad((seconds % 3600) / 60)}m`
  return `${Math.floor(seconds / 86_400)}d ${pad((seconds % 86_400) / 3600)}h`
}

/** ISO 8601, UTC; null: not known. A producer may have sent any int64, which need not be a valid date. */
export function isoTime(time: number | null): string | null {
  const date = new Date(time ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}

/** The same as a text: what is no valid date as its number. */
export function timeText(time: number): string {
  return isoTime(time) ?? String(time)
}

/** Without milliseconds. */
export function secondText(time: number): string {
  return timeText(time).replace(/\.\d+Z$/, 'Z')
}
