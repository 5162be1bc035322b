import { stripVTControlCharacters, styleText } from 'node:util'
import type { TerminalStream } from './io.ts'

export {
  counted,
  formatBytes,
  formatCount,
  formatDuration,
  secondText,
  timeText,
} from '../../kernel/text/figures.ts'
export { createProgressBar, type ProgressBar } from '../progress.ts'

export type Style = Parameters<typeof styleText>[0]
export type Painter = (style: Style, text: string) => string

/**
 * Colours for output to this stream: none unless it is a terminal. NO_COLOR (any value) turns them
 * off, FORCE_COLOR turns them on (`0` and `false`: off); FORCE_COLOR wins, as in Node.
 */
export function paint(
  stream: TerminalStream,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Painter {
  const coloured = wantsColour(stream, env)
  return (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text)
}

function wantsColour(
  stream: TerminalStream,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no } = env
  if (force !== undefined) return force !== '0' && force !== 'false'
  if (no !== undefined && no !== '') return false
  return stream.isTTY === true && env['TERM'] !== 'dumb'
}

/**
 * Columns of a text on the screen: none for escape sequences, two for East Asian wide characters.
 */
export function widthOf(text: string): number {
  let width = 0
  for (const character of stripVTControlCharacters(text)) {
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/u.test(
        character,
      )
        ? 2
        : 1
  }
  return width
}

export interface TableOptions {
  readonly header?: readonly string[]
  /** The column whose cells are broken into several lines where the table is wider than this. */
  readonly fit?: { readonly column: number; readonly width: number }
}

/**
 * Rows as aligned columns, two spaces apart, with a line below the header. A column is aligned to
 * the right if every cell begins with a digit or a sign. No final newline.
 */
export function table(given: ReadonlyArray<readonly string[]>, options: TableOptions = {}): string {
  const rows = options.fit === undefined ? given : fitted(given, options.header, options.fit)
  const all = options.header === undefined ? [...rows] : [options.header, ...rows]
  const columns = Math.max(0, ...all.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...all.map((row) => widthOf(row[column] ?? ''))),
  )
  const numeric = widths.map(
    (_, column) =>
      rows.length > 0 &&
      rows.every((row) => /^(?:[-+]?\d|\?$)/.test(stripVTControlCharacters(row[column] ?? ''))),
  )
  const lines = all.map((row) => {
    const cells = widths.map((width, column) => {
      const cell = row[column] ?? ''
      const gap = ' '.repeat(width - widthOf(cell))
      return numeric[column] ? gap + cell : cell + gap
    })
    return cells.join('  ').trimEnd()
  })
  if (options.header !== undefined) {
    lines.splice(1, 0, widths.map((width) => '─'.repeat(width)).join('  '))
  }
  return lines.join('\n')
}

/** Columns that a broken cell has at least. */
const MIN_CELL = 20

function fitted(
  rows: ReadonlyArray<readonly string[]>,
  header: readonly string[] = [],
  { column, width }: NonNullable<TableOptions['fit']>,
): string[][] {
  const others = [header, ...rows].map((row) => row.filter((_, index) => index !== column))
  const taken = Array.from(
    { length: Math.max(0, ...others.map((row) => row.length)) },
    (_, index) => Math.max(...others.map((row) => widthOf(row[index] ?? ''))),
  )
  const room = taken.reduce((left, columns) => left - columns - 2, width)
  return rows.flatMap((row) =>
    broken(row[column] ?? '', Math.max(MIN_CELL, room)).map((line, index) =>
      row.map((cell, at) => (at === column ? line : index === 0 ? cell : '')),
    ),
  )
}

/** Lines of at most this many characters, broken behind a comma or a space where there is one. */
export function broken(text: string, width: number): string[] {
  const lines: string[] = []
  let rest = text
  while (widthOf(rest) > width) {
    const head = rest.slice(0, width)
    const at = Math.max(head.lastIndexOf(','), head.lastIndexOf(' ')) + 1
    const end = at > width / 2 ? at : width
    lines.push(rest.slice(0, end).trimEnd())
    rest = rest.slice(end).trimStart()
  }
  return [...lines, rest]
}
