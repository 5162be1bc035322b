import { OccError } from '../../../kernel/errors.ts'
import { exactValue } from '../../../kernel/text/exact-json.ts'
import type { Cell } from './table.ts'

/** What a number in a column of a time counts, since the epoch. */
export type TimeUnit = 's' | 'ms' | 'us' | 'ns'

export interface CellOptions {
  readonly type: string
  /** Of numbers, for the types of times. */
  readonly unit: TimeUnit
  /** What becomes of U+0000, which PostgreSQL cannot store in text. */
  readonly nul: 'refuse' | 'remove'
}

const NUL = String.fromCharCode(0)
const IS_TIME = /^(timestamp|date)/
const IS_JSON = /^jsonb?$/
/** What may be U+0000 in a name, or half a character. */
const ESCAPED = /\\u(0000|d[89a-f])/
const IS_INTEGER = /^-?\d+$/
/** Microseconds, the precision of PostgreSQL, in one of the unit. */
const MICROSECONDS: Readonly<Record<Exclude<TimeUnit, 'ns'>, bigint>> = {
  s: 1_000_000n,
  ms: 1_000n,
  us: 1n,
}

/**
 * Makes of a value of JavaScript the text for its column, exactly: integers keep all their digits, objects
 * become JSON, as does text for a column of JSON. What the type cannot hold is left to the database to refuse.
 * @param column for the message. @throws OccError OCC_EMIT_ROW: U+0000, if it is refused
 */
export function cellsOf(column: string, options: CellOptions): (value: unknown) => Cell {
  const isTime = IS_TIME.test(options.type)
  const isJson = IS_JSON.test(options.type)
  const isBytes = options.type === 'bytea'

  return (value) => {
    if (value === null || value === undefined) return null
    if (isTime && isInteger(value)) return timeOf(BigInt(value), options.unit)
    if (typeof value !== 'string') return cellOf(value, column, options)
    if (isJson) return JSON.stringify(withoutNul(value, column, options).toWellFormed())
    if (isBytes && value.startsWith('0x')) return `\\x${value.slice(2)}`
    return withoutNul(value, column, options)
  }
}

/** Of what is neither text nor a time. */
function cellOf(value: NonNullable<unknown>, column: string, options: CellOptions): Cell {
  if (value instanceof Uint8Array || isBufferOfJson(value)) {
    return `\\x${Buffer.from(value).toString('hex')}`
  }
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'object') return jsonOf(value, column, options)
  return String(value)
}

/** A Buffer that a worker thread has emitted. */
function isBufferOfJson(value: object | number | bigint | boolean | symbol): value is Buffer {
  const isBuffer = typeof value === 'object' && Reflect.get(value, 'type') === 'Buffer'
  return isBuffer && Array.isArray(Reflect.get(value, 'data'))
}

function isInteger(value: unknown): value is number | bigint | string {
  if (typeof value === 'string') return IS_INTEGER.test(value)
  return typeof value === 'bigint' || Number.isSafeInteger(value)
}

function timeOf(count: bigint, unit: TimeUnit): string {
  const total = unit === 'ns' ? floor(count, 1_000n) : count * MICROSECONDS[unit]
  const milliseconds = floor(total, 1_000n)
  const date = new Date(Number(milliseconds))
  // Beyond the years of JavaScript: the database refuses the number.
  if (Number.isNaN(date.getTime())) return String(count)
  const text = date.toISOString()
  const rest = total - milliseconds * 1_000n
  return rest === 0n ? text : text.replace('Z', `${String(rest).padStart(3, '0')}Z`)
}

function floor(count: bigint, by: bigint): bigint {
  const quotient = count / by
  return count % by < 0n ? quotient - 1n : quotient
}

function jsonOf(value: object, column: string, options: CellOptions): string {
  const text = JSON.stringify(value, (name, inner) =>
    typeof inner === 'string' ? withoutNul(inner, column, options) : exactValue(name, inner),
  )
  return ESCAPED.test(text) ? storable(text, column, options) : text
}

/** The names as well as the values; and halves of characters, which PostgreSQL refuses in JSON alone. */
function storable(text: string, column: string, options: CellOptions): string {
  const name = (given: string) => withoutNul(given, column, options).toWellFormed()
  return JSON.stringify(JSON.parse(text), (_, inner) => {
    if (typeof inner === 'string') return inner.toWellFormed()
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).map(([key, one]) => [name(key), one]))
  })
}

function withoutNul(text: string, column: string, { nul }: CellOptions): string {
  if (!text.includes(NUL)) return text
  if (nul === 'remove') return text.replaceAll(NUL, '')
  throw refused(
    `the column ${column} would get text with U+0000, which PostgreSQL cannot store. Remedy: nul: remove of the sink leaves such characters out`,
  )
}

/** The value itself cannot become a row: it fails again with the next attempt. */
export function refused(why: string, cause?: unknown): OccError {
  const text = `The row cannot be written: ${why.replace(/\.$/, '')}.`
  return new OccError('OCC_EMIT_ROW', text, { cause })
}
