const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** The units of Kubernetes (`8Mi`, `1M`) and the usual ones (`8MiB`, `1MB`), in lower case. */
const BYTE_UNITS: Readonly<Record<string, number>> = {
  b: 1,
  k: 1000,
  kb: 1000,
  m: 1000 ** 2,
  mb: 1000 ** 2,
  g: 1000 ** 3,
  gb: 1000 ** 3,
  ki: 1024,
  kib: 1024,
  mi: 1024 ** 2,
  mib: 1024 ** 2,
  gi: 1024 ** 3,
  gib: 1024 ** 3,
  t: 1000 ** 4,
  tb: 1000 ** 4,
  ti: 1024 ** 4,
  tib: 1024 ** 4,
}

function parse(value: number | string, units: Readonly<Record<string, number>>) {
  if (typeof value === 'number') return whole(value)
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(value.trim())
  if (match === null) return undefined
  const unit = (match[2] ?? '').toLowerCase()
  const factor = unit === '' ? 1 : units[unit]
  return factor === undefined ? undefined : whole(Number(match[1]) * factor)
}

/**
 * `1.1s` is 1100, not 1100.0000000000001; half a millisecond or half a byte is an error. What no number holds
 * exactly is infinite, so that it is above every bound.
 */
function whole(value: number): number | undefined {
  const rounded = Math.round(value)
  if (rounded > Number.MAX_SAFE_INTEGER) return Number.POSITIVE_INFINITY
  return Math.abs(rounded - value) < 1e-6 && rounded >= 0 ? rounded : undefined
}

/** Milliseconds of `45s`, `5m`, `500ms`, `1h` or a plain number of milliseconds; else undefined. */
export function parseDuration(value: number | string): number | undefined {
  return parse(value, DURATION_UNITS)
}

/** Bytes of `8MiB`, `1MB`, `64Ki` or a plain number of bytes; else undefined. */
export function parseBytes(value: number | string): number | undefined {
  return parse(value, BYTE_UNITS)
}

/** The shortest exact form: `45s`, `5m`, `1500ms`. */
export function formatDuration(milliseconds: number): string {
  for (const unit of ['h', 'm', 's']) {
    const factor = DURATION_UNITS[unit] ?? 1
    if (milliseconds >= factor && milliseconds % factor === 0)
      return `${milliseconds / factor}${unit}`
  }
  return `${milliseconds}ms`
}

/** The shortest exact form: `8MiB`, `1500B`. */
export function formatBytes(bytes: number): string {
  for (const unit of ['TiB', 'GiB', 'MiB', 'KiB']) {
    const factor = BYTE_UNITS[unit.toLowerCase()] ?? 1
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor}${unit}`
  }
  return `${bytes}B`
}
