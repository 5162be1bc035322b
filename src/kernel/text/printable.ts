/**
 * Text from a stream, safe to print in a terminal on one line: control characters, which a terminal
 * obeys, and characters that reverse the reading direction are written as `\x1b` or `\u202e`.
 */
export function printable(text: string): string {
  return printableLines(text).replaceAll('\n', ' ').replaceAll('\t', '\\x09')
}

/** The same, on several lines: line breaks and tabs stay. */
export function printableLines(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(/[^\P{Cc}\n\t]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, escaped)
}

function escaped(character: string): string {
  const code = character.charCodeAt(0)
  return code < 256
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`
}
