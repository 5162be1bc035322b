/** A power of two. */
const REMEMBERED = 8192

/** The text of the bytes from `from` to `to`. */
export type TextOf = (bytes: Buffer, from: number, to: number) => string

/**
 * The same function, which remembers some thousand results: a few tokens, pools and wallets are in
 * nearly every message, and their text costs ten times as much as finding it. An address has one
 * place, where the next one with the same place replaces it.
 *
 * @param length of all bytes that it is called with; at least 8.
 */
export function remembering(length: number, encode: TextOf): TextOf {
  const known = new Uint8Array(REMEMBERED * length)
  const texts: string[] = new Array(REMEMBERED).fill('')
  return (bytes, from, to) => {
    const place = placeOf(bytes, from, to)
    const start = place * length
    let at = 0
    while (at < length && known[start + at] === bytes[from + at]) at++
    if (at === length && texts[place] !== '') return texts[place] as string
    const text = encode(bytes, from, to)
    for (at = 0; at < length; at++) known[start + at] = bytes[from + at] as number
    texts[place] = text
    return text
  }
}

/** Addresses are as good as random, but some begin or end with zeros. */
function placeOf(bytes: Buffer, from: number, to: number): number {
  let hash = 0
  for (let at = to - 8; at < to; at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0
  return (hash ^ (hash >>> 13) ^ ((bytes[from + 1] as number) << 3)) & (REMEMBERED - 1)
}
