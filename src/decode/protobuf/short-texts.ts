/** A power of two. */
const REMEMBERED = 1024
const LONGEST = 32

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const known: string[] = new Array(REMEMBERED).fill('')

/**
 * Strict UTF-8. Symbols and names of protocols are short and few, and come again in nearly every
 * message: they are remembered, because finding one takes a third of the time of reading it. A text
 * has one place, where the next one with the same place replaces it.
 *
 * @throws TypeError ERR_ENCODING_INVALID_ENCODED_DATA
 */
export function shortText(bytes: Uint8Array, from: number, to: number): string {
  const length = to - from
  if (length === 0) return ''
  if (length > LONGEST) return strict.decode(bytes.subarray(from, to))
  const place = placeOf(bytes, from, to)
  const text = known[place] as string
  if (isText(text, bytes, from, length)) return text
  const read = strict.decode(bytes.subarray(from, to))
  // Only ASCII, of which each byte is a character.
  if (read.length === length) known[place] = read
  return read
}

function isText(text: string, bytes: Uint8Array, from: number, length: number): boolean {
  if (text.length !== length) return false
  for (let at = 0; at < length; at++) {
    if (text.charCodeAt(at) !== bytes[from + at]) return false
  }
  return true
}

function placeOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = to - from
  for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0
  return (hash ^ (hash >>> 10)) & (REMEMBERED - 1)
}
