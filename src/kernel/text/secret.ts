const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * The secret in a file, without what editors and shells add: a byte-order mark, and empty lines
 * before and after. Spaces around it may be part of it, and are kept. Throws a TypeError if the
 * bytes are not UTF-8.
 */
export function secretIn(content: Uint8Array): string {
  return utf8.decode(content).replace(/^(?:[ \t]*[\r\n])+|(?:[\r\n][ \t]*)+$/g, '')
}
