/** One line of text from elsewhere: without control characters, which could steer a terminal. */
export function printable(text: string, width = Number.POSITIVE_INFINITY): string {
  const line = text.replaceAll(/\p{Cc}+/gu, ' ').trim()
  return line.length > width ? `${line.slice(0, Math.max(1, width - 1))}…` : line
}
