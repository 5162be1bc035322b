/**
 * For JSON.stringify: what JSON has no form for becomes text, and is not lost. Integers beyond 2^53 keep all
 * their digits; NaN and infinities, of which JSON.stringify makes null, are read by PostgreSQL as such.
 */
export function exactValue(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}
