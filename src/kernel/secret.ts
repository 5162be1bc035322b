const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * The secret that a file holds, without what editors and shells put around it: a byte-order mark, and
 * empty lines before and after. Blanks beside it may be part of it, and stay. Throws a TypeError where
 * the bytes are no UTF-8.
 */
export function secretIn(content: Uint8Array): string {
  return utf8.decode(content).replace(/^(?:[ \t]*[\r\n])+|(?:[\r\n][ \t]*)+$/g, '')
}
