const DIGITS = /^-?\d+$/
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/
/** As documents have those of JSON that are no numbers, and whole numbers beyond 2^53. */
const REAL_TEXT = /^(NaN|-?Infinity|-?\d+)$/

/** Whether a value of JSON is one of the type, as documents have it. @param type of a field of a schema. */
export function isScalar(value: unknown, type: string): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string'
    case 'bool':
      return typeof value === 'boolean'
    case 'bytes':
      return typeof value === 'string' && BASE64.test(value)
    case 'float':
    case 'double':
      return typeof value === 'number' || (typeof value === 'string' && REAL_TEXT.test(value))
    default:
      return isWhole(value, type)
  }
}

/** A number, or text of its digits, within the bits of the type. */
export function isWhole(value: unknown, type: string): boolean {
  const isNumber = Number.isInteger(value)
  if (!isNumber && !(typeof value === 'string' && DIGITS.test(value))) return false
  const number = BigInt(value as number | string)
  const bits = type.endsWith('64') ? 64 : 32
  const isUnsigned = type.startsWith('u') || type.startsWith('fixed')
  return (isUnsigned ? BigInt.asUintN(bits, number) : BigInt.asIntN(bits, number)) === number
}
