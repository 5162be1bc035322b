/**
 * Finds integers beyond 2^53 in the bytes of a JSON text and puts them in quotes, so that
 * JSON.parse keeps all their digits instead of rounding them.
 *
 * It runs on every message, so the common case, no such integer, must cost next to nothing. Such an
 * integer has at least 16 digits, so it contains four whole bytes at every 13th position. Four
 * bytes are compared at once, because in hashes single bytes are digits too often for the branch
 * predictor. Most runs of digits found this way are parts of hashes anyway.
 *
 * Quoting must never change the inside of a string. There are two ways to be sure:
 * - `x":123` with x neither a backslash nor something that may precede a string: the quote cannot
 *   be inside a string (it would be escaped) and cannot open one (`x` would be a syntax error), so
 *   it closes the name of a property, and the digits are its value.
 * - For the rest, mostly elements of arrays, the text is read from the start. Neither makes an
 *   invalid text valid: what is quoted is in the place of a value, is not followed by a colon, and
 *   is itself a valid number.
 */
const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const ZERO = 0x30
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

const SHORTEST = 16
/** Of 16 consecutive bytes, four start at a multiple of this, wherever the 16 begin. */
const STEP = 13
/** Digits, and the six characters after them, have these bits above and any below. */
const DIGIT_MASK = 0xf0f0f0f0 | 0
const DIGIT_BITS = 0x30303030
const MAX_SAFE = '9007199254740991'

/** Beyond this the memory for quoted texts is not kept for the next message. */
const KEEP_BYTES = 8 * 1024 * 1024
let quoted = Buffer.alloc(0)

/**
 * The bytes with each integer beyond 2^53 in quotes: the same object if there is none, else a view
 * of memory that the next call overwrites. The bytes need not be valid JSON.
 */
export function quoteBigIntegers(bytes: Buffer): Buffer {
  let found: number[] | undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const lastProbe = bytes.length - 4
  for (let probe = 0; probe <= lastProbe; probe += STEP) {
    if ((view.getInt32(probe, true) & DIGIT_MASK) !== DIGIT_BITS) continue
    if (!isDigit(bytes[probe] as number)) continue
    const end = digitsEnd(bytes, probe)
    let start = probe
    while (start > 0 && isDigit(bytes[start - 1] as number)) start--
    if (end - start >= SHORTEST) {
      const numberStart = bigIntegerStart(bytes, start, end)
      if (numberStart >= 0) {
        if (!followsName(bytes, numberStart)) return insertQuotes(bytes, findExactly(bytes))
        found ??= []
        found.push(numberStart, end)
      }
    }
    // There is no digit at `end`, so the next run is found from there as well as from 0.
    probe = end
  }
  return found === undefined ? bytes : insertQuotes(bytes, found)
}

/** Starts and ends of all big integers; reads from the start to exclude digits in strings. */
function findExactly(bytes: Buffer): number[] {
  const found: number[] = []
  let at = 0
  while (at < bytes.length) {
    const byte = bytes[at] as number
    if (byte === QUOTE) {
      at++
      while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
      at++
    } else if (isDigit(byte)) {
      const end = digitsEnd(bytes, at)
      if (end - at >= SHORTEST) {
        const numberStart = bigIntegerStart(bytes, at, end)
        if (numberStart >= 0) found.push(numberStart, end)
      }
      at = end
    } else {
      at++
    }
  }
  return found
}

/**
 * Start of the number with the digits `[start, end)`, including its sign, if its neighbours show
 * that it is an integer beyond 2^53 in the place of a value; else -1.
 */
function bigIntegerStart(bytes: Buffer, start: number, end: number): number {
  // A leading zero is invalid: leave that to JSON.parse.
  if (bytes[start] === ZERO) return -1
  const numberStart = start > 0 && bytes[start - 1] === MINUS ? start - 1 : start
  const before = lastBefore(bytes, numberStart)
  if (before >= 0) {
    const byte = bytes[before]
    if (byte !== COLON && byte !== COMMA && byte !== OPEN_BRACKET) return -1
  }
  let after = end
  while (after < bytes.length && isSpace(bytes[after] as number)) after++
  if (after < bytes.length) {
    const byte = bytes[after]
    if (byte !== COMMA && byte !== CLOSE_BRACE && byte !== CLOSE_BRACKET) return -1
  }
  if (end - start > SHORTEST) return numberStart
  for (let index = 0; index < SHORTEST; index++) {
    const difference = (bytes[start + index] as number) - MAX_SAFE.charCodeAt(index)
    if (difference !== 0) return difference > 0 ? numberStart : -1
  }
  return -1
}

/** Whether a property's name and a colon surely precede `numberStart`: see above. */
function followsName(bytes: Buffer, numberStart: number): boolean {
  const colon = lastBefore(bytes, numberStart)
  if (colon < 0 || bytes[colon] !== COLON) return false
  const quote = lastBefore(bytes, colon)
  if (quote < 1 || bytes[quote] !== QUOTE) return false
  const last = bytes[quote - 1] as number
  return !(
    last === BACKSLASH ||
    last === QUOTE ||
    last === COLON ||
    last === COMMA ||
    last === OPEN_BRACKET ||
    last === OPEN_BRACE ||
    isSpace(last)
  )
}

function insertQuotes(bytes: Buffer, found: readonly number[]): Buffer {
  if (found.length === 0) return bytes
  const length = bytes.length + found.length
  // Twice the size, so that slowly growing messages do not each allocate.
  const target = quoted.length >= length ? quoted : Buffer.allocUnsafeSlow(2 * length)
  if (target.length <= KEEP_BYTES) quoted = target
  let copied = 0
  let written = 0
  for (const at of found) {
    written += bytes.copy(target, written, copied, at)
    target[written++] = QUOTE
    copied = at
  }
  bytes.copy(target, written, copied)
  return target.subarray(0, length)
}

function digitsEnd(bytes: Buffer, at: number): number {
  let end = at + 1
  while (end < bytes.length && isDigit(bytes[end] as number)) end++
  return end
}

/** Position of the last byte before `at` that is not white space; -1 if there is none. */
function lastBefore(bytes: Buffer, at: number): number {
  let before = at - 1
  while (before >= 0 && isSpace(bytes[before] as number)) before--
  return before
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
