/**
 * The scanner of src/decode/scan/, in AssemblyScript, which `npm run docs` compiles: it checks a JSON
 * text and copies what is wanted of it. What it does not surely accept, JSON.parse judges: so it
 * may refuse what is valid and rare (names with escapes, deep nesting), and never the other way round.
 *
 * The text ends with a zero byte, which is valid nowhere in JSON: so nothing compares positions with the
 * end. Functions take the position where something begins and return that behind it, or 0: refused.
 */

const TAB: u32 = 0x09
const LINE_FEED: u32 = 0x0a
const CARRIAGE_RETURN: u32 = 0x0d
const SPACE: u32 = 0x20
const QUOTE: u32 = 0x22
const PLUS: u32 = 0x2b
const COMMA: u32 = 0x2c
const MINUS: u32 = 0x2d
const POINT: u32 = 0x2e
const ZERO: u32 = 0x30
const COLON: u32 = 0x3a
const OPEN_BRACKET: u32 = 0x5b
const BACKSLASH: u32 = 0x5c
const CLOSE_BRACKET: u32 = 0x5d
const OPEN_BRACE: u32 = 0x7b
const CLOSE_BRACE: u32 = 0x7d

/** In the shape: a value. Codes of names are beyond ASCII. */
const VALUE: u32 = 0x76

/** Where the end of the shape is written. */
const SHAPE_END_AT: usize = 32

/** The calls nest as deep as the text. */
const MOST_DEPTH: u32 = 256

const MOST_SAFE: u64 = 9007199254740991

/** A node is a count, and from NAMES_AT on a record of each wanted name. */
const NAMES_AT: usize = 16
/** The first 16 bytes, and the last 16 if it is longer; its length, the node of what is below it, its code. */
const NAME_BYTES: usize = 48
const LENGTH_IN_RECORD: usize = 32
const NODE_IN_RECORD: usize = 36
const CODE_IN_RECORD: usize = 40
const LONGEST_NAME: u32 = 32

/** Where the next byte of the values is written, and of the shape. */
let out: usize = 0
let shape: usize = 0
/** Not zero: some byte is not ASCII. It may be one behind the text. */
let high: i32 = 0

/**
 * Checks the text in [start, end), and takes out what the node `root` wants of it; node 0 wants nothing. To
 * `values` it writes the wanted texts, numbers, flags and nulls, as one JSON array, with integers beyond 2^53 in
 * quotes. To `shapes` it writes what they are parts of: a bracket for the begin and the end of each object and
 * list, the code of each wanted name, and VALUE in the place of each value.
 * @returns -1: refused; else twice the number of bytes of the values, plus 1 if the text may have other
 *   bytes than ASCII, which are not checked.
 */
export function scan(start: usize, end: usize, root: usize, values: usize, shapes: usize): i32 {
  out = values
  shape = shapes
  high = 0
  put(OPEN_BRACKET)
  let at = skipSpace(start)
  at = root === 0 ? skipValue(at, 0) : keepValue(at, root, 0)
  if (at === 0 || skipSpace(at) !== end) return -1
  put(CLOSE_BRACKET)
  store<u32>(SHAPE_END_AT, <u32>shape)
  return (i32(out - values) << 1) | i32(high !== 0)
}

function skipSpace(at: usize): usize {
  let byte: u32 = load<u8>(at)
  while (byte <= SPACE) {
    if (byte !== SPACE && byte !== LINE_FEED && byte !== CARRIAGE_RETURN && byte !== TAB) return at
    byte = load<u8>(++at)
  }
  return at
}

function skipValue(at: usize, depth: u32): usize {
  const byte: u32 = load<u8>(at)
  if (byte === QUOTE) return skipString(at + 1)
  if (byte === OPEN_BRACE) return skipObject(at + 1, depth)
  if (byte === OPEN_BRACKET) return skipArray(at + 1, depth)
  return skipScalar(at, byte)
}

/** @param at behind the opening brace. */
function skipObject(at: usize, depth: u32): usize {
  if (depth === MOST_DEPTH) return 0
  at = skipSpace(at)
  if (load<u8>(at) === CLOSE_BRACE) return at + 1
  while (true) {
    if (load<u8>(at) !== QUOTE) return 0
    at = skipString(at + 1)
    if (at === 0) return 0
    at = skipSpace(at)
    if (load<u8>(at) !== COLON) return 0
    at = skipValue(skipSpace(at + 1), depth + 1)
    if (at === 0) return 0
    at = skipSpace(at)
    const byte: u32 = load<u8>(at)
    if (byte === CLOSE_BRACE) return at + 1
    if (byte !== COMMA) return 0
    at = skipSpace(at + 1)
  }
}

/** @param at behind the opening bracket. */
function skipArray(at: usize, depth: u32): usize {
  if (depth === MOST_DEPTH) return 0
  at = skipSpace(at)
  if (load<u8>(at) === CLOSE_BRACKET) return at + 1
  while (true) {
    at = skipValue(at, depth + 1)
    if (at === 0) return 0
    at = skipSpace(at)
    const byte: u32 = load<u8>(at)
    if (byte === CLOSE_BRACKET) return at + 1
    if (byte !== COMMA) return 0
    at = skipSpace(at + 1)
  }
}

/** The position of the first byte from `at` that ends a string or is special in it. */
function findSpecial(at: usize): usize {
  while (true) {
    const bytes = v128.load(at)
    const isEnd = i8x16.eq(bytes, i8x16.splat(0x22))
    const isEscape = i8x16.eq(bytes, i8x16.splat(0x5c))
    const isControl = i8x16.lt_u(bytes, i8x16.splat(0x20))
    high |= i8x16.bitmask(bytes)
    const special = i8x16.bitmask(v128.or(v128.or(isEnd, isEscape), isControl))
    if (special !== 0) return at + ctz(special)
    at += 16
  }
}

/** @param at behind the opening quote. */
function skipString(at: usize): usize {
  while (true) {
    at = findSpecial(at)
    const byte: u32 = load<u8>(at)
    if (byte === QUOTE) return at + 1
    if (byte !== BACKSLASH) return 0
    at = skipEscape(at + 1)
    if (at === 0) return 0
  }
}

/** @param at behind the backslash. */
function skipEscape(at: usize): usize {
  const byte: u32 = load<u8>(at)
  switch (byte) {
    case QUOTE:
    case BACKSLASH:
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return at + 1
    case 0x75: // u
      for (let index = 1; index <= 4; index++) {
        const digit: u32 = load<u8>(at + index)
        if (digit - ZERO > 9 && (digit | 0x20) - 0x61 > 5) return 0
      }
      return at + 5
    default:
      return 0
  }
}

/** A number, true, false or null. */
function skipScalar(at: usize, byte: u32): usize {
  if (byte === 0x74) return load<u32>(at) === 0x65757274 ? at + 4 : 0 // true
  if (byte === 0x66) return load<u32>(at + 1) === 0x65736c61 ? at + 5 : 0 // false
  if (byte === 0x6e) return load<u32>(at) === 0x6c6c756e ? at + 4 : 0 // null
  if (byte === MINUS) byte = load<u8>(++at)
  if (byte === ZERO) byte = load<u8>(++at)
  else {
    const end = skipDigits(at)
    if (end === at) return 0
    at = end
    byte = load<u8>(at)
  }
  if (byte === POINT) {
    const end = skipDigits(at + 1)
    if (end === at + 1) return 0
    at = end
    byte = load<u8>(at)
  }
  if ((byte | 0x20) !== 0x65) return at // e
  byte = load<u8>(++at)
  if (byte === PLUS || byte === MINUS) at++
  const end = skipDigits(at)
  return end === at ? 0 : end
}

function skipDigits(at: usize): usize {
  while (<u32>load<u8>(at) - ZERO <= 9) at++
  return at
}

function keepValue(at: usize, node: usize, depth: u32): usize {
  const byte: u32 = load<u8>(at)
  if (byte === OPEN_BRACE) return keepObject(at + 1, node, depth)
  if (byte === OPEN_BRACKET) return keepArray(at + 1, node, depth)
  const end = byte === QUOTE ? skipString(at + 1) : skipScalar(at, byte)
  if (end === 0) return 0
  mark(VALUE)
  // No value ends with this byte.
  if (load<u8>(out - 1) !== OPEN_BRACKET) put(COMMA)
  if (byte !== QUOTE && isBeyondSafe(byte === MINUS ? at + 1 : at, end)) {
    put(QUOTE)
    copy(at, end)
    put(QUOTE)
  } else copy(at, end)
  return end
}

/** @param at behind the opening brace. */
function keepObject(at: usize, node: usize, depth: u32): usize {
  if (depth === MOST_DEPTH) return 0
  mark(OPEN_BRACE)
  at = skipSpace(at)
  if (load<u8>(at) === CLOSE_BRACE) {
    mark(CLOSE_BRACE)
    return at + 1
  }
  while (true) {
    if (load<u8>(at) !== QUOTE) return 0
    const name = at + 1
    const end = findSpecial(name)
    // A name with an escape may be a wanted one.
    if (load<u8>(end) !== QUOTE) return 0
    at = skipSpace(end + 1)
    if (load<u8>(at) !== COLON) return 0
    at = skipSpace(at + 1)
    const record = findName(node, name, <u32>(end - name))
    if (record === 0) at = skipValue(at, depth + 1)
    else {
      mark(load<u8>(record, CODE_IN_RECORD))
      at = keepValue(at, load<u32>(record, NODE_IN_RECORD), depth + 1)
    }
    if (at === 0) return 0
    at = skipSpace(at)
    const byte: u32 = load<u8>(at)
    if (byte === CLOSE_BRACE) {
      mark(CLOSE_BRACE)
      return at + 1
    }
    if (byte !== COMMA) return 0
    at = skipSpace(at + 1)
  }
}

/** @param at behind the opening bracket. */
function keepArray(at: usize, node: usize, depth: u32): usize {
  if (depth === MOST_DEPTH) return 0
  mark(OPEN_BRACKET)
  at = skipSpace(at)
  if (load<u8>(at) === CLOSE_BRACKET) {
    mark(CLOSE_BRACKET)
    return at + 1
  }
  while (true) {
    at = keepValue(at, node, depth + 1)
    if (at === 0) return 0
    at = skipSpace(at)
    const byte: u32 = load<u8>(at)
    if (byte === CLOSE_BRACKET) {
      mark(CLOSE_BRACKET)
      return at + 1
    }
    if (byte !== COMMA) return 0
    at = skipSpace(at + 1)
  }
}

/** The record of a name; 0: it is not wanted. */
function findName(node: usize, name: usize, length: u32): usize {
  if (length > LONGEST_NAME) return 0
  const places = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
  const head = v128.and(v128.load(name), i8x16.lt_u(places, i8x16.splat(<i8>length)))
  const end = node + NAMES_AT + <usize>load<u32>(node) * NAME_BYTES
  for (let record = node + NAMES_AT; record < end; record += NAME_BYTES) {
    if (load<u32>(record, LENGTH_IN_RECORD) !== length) continue
    if (!i8x16.all_true(i8x16.eq(head, v128.load(record)))) continue
    if (length > 16) {
      const tail = v128.load(name + length - 16)
      if (!i8x16.all_true(i8x16.eq(tail, v128.load(record, 16)))) continue
    }
    return record
  }
  return 0
}

/** Whether a number, without its sign, is an integer that JSON.parse would round. */
function isBeyondSafe(at: usize, end: usize): bool {
  const length = end - at
  if (length < 16 || skipDigits(at) !== end) return false
  if (length > 16) return true
  let value: u64 = 0
  for (; at < end; at++) value = value * 10 + (<u64>load<u8>(at) - 0x30)
  return value > MOST_SAFE
}

function mark(byte: u32): void {
  store<u8>(shape++, <u8>byte)
}

function put(byte: u32): void {
  store<u8>(out++, <u8>byte)
}

/** Copies [from, to). Up to 15 bytes behind what it writes are overwritten, too. */
function copy(from: usize, to: usize): void {
  let target = out
  for (let at = from; at < to; at += 16) {
    v128.store(target, v128.load(at))
    target += 16
  }
  out += to - from
}
