/** Words: runs of characters that a URL in a text can contain. */
const WORD = /[^\s"'`]+/g

/**
 * Hides the password before a host, or the user name if there is no password: in URLs, and in
 * `user:password@host`. The time is linear.
 *
 * @param isCut whether the text was cut: the last word may be half a URL, without its `@`.
 */
export function redactUserInfo(text: string, hidden: string, isCut: boolean): string {
  if (!text.includes('@') && !isCut) return text
  return text.replace(WORD, (word, at: number) =>
    isCut && at + word.length === text.length
      ? inWord(`${word}@`, hidden).slice(0, -1)
      : inWord(word, hidden),
  )
}

function inWord(word: string, hidden: string): string {
  if (!word.includes('@')) return word
  const [head = '', ...urls] = word.split('://')
  const last = urls.findLastIndex((url) => url.includes('@'))
  const done = [pair(head, hidden)]
  for (const [index, url] of urls.entries()) {
    const end = url.search(/[/?#]/)
    const authority = end === -1 ? url : url.slice(0, end)
    const colon = authority.indexOf(':')
    const at = authority.lastIndexOf('@')
    if (at !== -1 && (colon === -1 || at < colon)) {
      done.push(hidden + url.slice(at))
    } else if (colon !== -1 && (index < last || url.lastIndexOf('@') > colon)) {
      // A password may contain anything up to the last `@`.
      const behind = urls.slice(last)
      behind[0] = `${url.slice(0, colon + 1)}${hidden}${behind[0]?.slice(behind[0].lastIndexOf('@'))}`
      return [...done, ...behind].join('://')
    } else {
      done.push(url)
    }
  }
  return done.join('://')
}

/** `user:password@host`, without a scheme. */
function pair(word: string, hidden: string): string {
  const colon = word.indexOf(':')
  const at = word.lastIndexOf('@')
  if (colon === -1 || at <= colon) return word
  return `${word.slice(0, colon + 1)}${hidden}${word.slice(at)}`
}
