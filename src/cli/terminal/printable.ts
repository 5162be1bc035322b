import { printable as escaped } from '../../kernel/text/printable.ts'

/**
 * One line of text from elsewhere, safe to print in a terminal: runs of control characters are a
 * space, and a line that is longer than `width` ends in an ellipsis.
 */
export function printable(text: string, width = Number.POSITIVE_INFINITY): string {
  const line = escaped(text.replaceAll(/\p{Cc}+/gu, ' ')).trim()
  return line.length > width ? `${line.slice(0, Math.max(1, width - 1))}…` : line
}
