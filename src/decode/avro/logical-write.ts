import type { LogicalSchema } from './logical.ts'

/** What a logical type's text in a document is in its base type; a text of another form throws. */
export type ToBase = (value: unknown) => unknown

type Opener = (base: string, schema: LogicalSchema) => ToBase

const TIME = /^([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d+))?$/
const DATE = /^\d{4}-\d\d-\d\d$/
const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z?$/
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The reverse of logical.ts. A value that is no text is one of the base type. */
export const writtenAs: Readonly<Record<string, Opener>> = {
  decimal: (base, { scale = 0, size }) =>
    ofText((text) => decimalBytes(text, Number(scale), base === 'fixed' ? Number(size) : null)),
  uuid: (base) =>
    ofText((text) => {
      if (!UUID.test(text)) throw new RangeError(`"${text}" is not a UUID`)
      return base === 'string'
        ? text
        : Buffer.from(text.replaceAll('-', ''), 'hex').toString('base64')
    }),
  date: () =>
    ofText((text) => {
      const time = DATE.test(text) ? timeOf(text) : Number.NaN
      if (Number.isNaN(time)) throw new RangeError(`"${text}" is not a date: 2026-01-31`)
      return time / 86_400_000
    }),
  'time-millis': () => timeOfDay(3),
  'time-micros': () => timeOfDay(6),
  'timestamp-millis': () => timestamp(3),
  'timestamp-micros': () => timestamp(6),
  'timestamp-nanos': () => timestamp(9),
  'local-timestamp-millis': () => timestamp(3),
  'local-timestamp-micros': () => timestamp(6),
  'local-timestamp-nanos': () => timestamp(9),
}

function ofText(convert: (text: string) => unknown): ToBase {
  return (value) => (typeof value === 'string' ? convert(value) : value)
}

/** Two's complement, big-endian, as base64. @param size of a fixed; null: as few bytes as can be */
function decimalBytes(text: string, scale: number, size: number | null): string {
  const [, sign, whole = '', fraction = ''] = DECIMAL.exec(text) ?? []
  if (sign === undefined) throw new RangeError(`"${text}" is not a decimal number`)
  if (fraction.length > scale) throw new RangeError(`${text} has more than ${scale} places`)
  const value = BigInt(`${sign}${whole}${fraction.padEnd(scale, '0')}`)
  let length = size ?? 1
  while (size === null && BigInt.asIntN(length * 8, value) !== value) length += 1
  if (BigInt.asIntN(length * 8, value) !== value)
    throw new RangeError(`${text} needs more than ${length} bytes`)
  const hex = BigInt.asUintN(length * 8, value).toString(16)
  return Buffer.from(hex.padStart(length * 2, '0'), 'hex').toString('base64')
}

/** NaN also of a day that the month has not, which is another one to Date. */
function timeOf(text: string): number {
  const time = Date.parse(text)
  const isDay =
    !Number.isNaN(time) && new Date(time).toISOString().slice(0, 10) === text.slice(0, 10)
  return isDay ? time : Number.NaN
}

/** @param places of the second: what the number counts. */
function timeOfDay(places: number): ToBase {
  return ofText((text) => {
    const [, hours, minutes, seconds, fraction = ''] = TIME.exec(text) ?? []
    if (hours === undefined) throw new RangeError(`"${text}" is not a time: 23:59:59.999`)
    const total = (BigInt(hours) * 60n + BigInt(minutes ?? 0)) * 60n + BigInt(seconds ?? 0)
    return counted(total, fraction, places, text)
  })
}

function timestamp(places: number): ToBase {
  return ofText((text) => {
    // Beyond the years of four digits a document has the number.
    if (/^-?\d+$/.test(text)) return text
    const [, seconds = '', fraction = ''] = STAMP.exec(text) ?? []
    const time = timeOf(`${seconds}Z`)
    if (Number.isNaN(time))
      throw new RangeError(`"${text}" is not a time: 2026-01-31T23:59:59.999Z`)
    return counted(BigInt(time / 1000), fraction, places, text)
  })
}

function counted(seconds: bigint, fraction: string, places: number, text: string): string {
  if (fraction.length > places) throw new RangeError(`${text} has more than ${places} places`)
  return String(seconds * 10n ** BigInt(places) + BigInt(fraction.padEnd(places, '0')))
}
