import type { Json } from '../types.ts'

/** Makes the value of a logical type out of what its base type was read as. */
export type FromBase = (base: Json | Buffer) => Json

/** How a logical type is read; null: as its base type, because it is used wrongly. */
type Opener = (base: string, schema: LogicalSchema) => FromBase | null

export interface LogicalSchema {
  readonly scale?: unknown
  readonly precision?: unknown
  readonly size?: unknown
}

const DAY = 86_400_000
/** What a date can be without a sign: beyond it, the number itself is clearer. */
const FIRST_YEAR = -62_167_219_200_000n
const LAST_YEAR = 253_402_300_799_999n
/** Digits of a decimal number; conversion takes quadratic time. */
const MAX_DECIMAL_BYTES = 256
const MAX_SCALE = 1_000

/**
 * Logical types as text that keeps every digit: a decimal number with all places of its scale, times
 * in ISO 8601 with all places of their unit. Others are read as their base type, as Avro says.
 */
export const logicalTypes: Readonly<Record<string, Opener>> = {
  decimal: (base, { scale = 0, precision }) => {
    const isScale = Number.isInteger(scale) && Number(scale) >= 0 && Number(scale) <= MAX_SCALE
    if ((base !== 'bytes' && base !== 'fixed') || !isScale || !Number.isInteger(precision)) {
      return null
    }
    return (bytes) => decimalText(bytes as Buffer, Number(scale))
  },
  uuid: (base, { size }) => {
    if (base === 'string') return (text) => text as Json
    return base === 'fixed' && size === 16 ? (bytes) => uuidText(bytes as Buffer) : null
  },
  date: (base) => (base === 'int' ? (days) => dateText(days as number) : null),
  'time-millis': (base) => (base === 'int' ? timeText(3) : null),
  'time-micros': (base) => (base === 'long' ? timeText(6) : null),
  'timestamp-millis': (base) => (base === 'long' ? timestampText(3, 'Z') : null),
  'timestamp-micros': (base) => (base === 'long' ? timestampText(6, 'Z') : null),
  'timestamp-nanos': (base) => (base === 'long' ? timestampText(9, 'Z') : null),
  'local-timestamp-millis': (base) => (base === 'long' ? timestampText(3, '') : null),
  'local-timestamp-micros': (base) => (base === 'long' ? timestampText(6, '') : null),
  'local-timestamp-nanos': (base) => (base === 'long' ? timestampText(9, '') : null),
}

/** Two's complement, big-endian. */
function decimalText(bytes: Buffer, scale: number): string {
  if (bytes.length > MAX_DECIMAL_BYTES) {
    throw new RangeError(`a decimal number has ${bytes.length} bytes`)
  }
  const unsigned = bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`)
  const value = BigInt.asIntN(Math.max(1, bytes.length * 8), unsigned)
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  const sign = value < 0n ? '-' : ''
  if (scale === 0) return sign + digits
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

function uuidText(bytes: Buffer): string {
  return bytes.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5')
}

function dateText(days: number): Json {
  const time = BigInt(days) * BigInt(DAY)
  return isInYears(time) ? new Date(Number(time)).toISOString().slice(0, 10) : days
}

/** @param places of the second: what the number counts. */
function timeText(places: number): FromBase {
  const perSecond = 10n ** BigInt(places)
  return (value) => {
    const time = BigInt(value as number | string)
    if (time < 0n || time >= 86_400n * perSecond) return value as Json
    const text = new Date(Number(time / perSecond) * 1000).toISOString().slice(11, 19)
    return `${text}.${fraction(time % perSecond, places)}`
  }
}

function timestampText(places: number, zone: string): FromBase {
  const perSecond = 10n ** BigInt(places)
  return (value) => {
    const time = BigInt(value as number | string)
    const rest = ((time % perSecond) + perSecond) % perSecond
    const milliseconds = ((time - rest) / perSecond) * 1000n
    if (!isInYears(milliseconds)) return value as Json
    const seconds = new Date(Number(milliseconds)).toISOString().slice(0, 19)
    return `${seconds}.${fraction(rest, places)}${zone}`
  }
}

function fraction(rest: bigint, places: number): string {
  return rest.toString().padStart(places, '0')
}

function isInYears(milliseconds: bigint): boolean {
  return milliseconds >= FIRST_YEAR && milliseconds <= LAST_YEAR
}
