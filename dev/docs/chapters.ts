export interface TableChapter {
  readonly title: string
  readonly introduction: string
  readonly rows: ReadonlyArray<readonly string[]>
}

/** A generated page: one chapter a subject, with one table each. */
export function renderChapters(
  title: string,
  introduction: string,
  source: string,
  header: readonly string[],
  chapters: readonly TableChapter[],
): string {
  return [
    `# ${title}`,
    '',
    `<!-- Generated from ${source} by \`npm run docs\`; do not edit. -->`,
    '',
    introduction,
    '',
    ...chapters.flatMap((chapter) => [
      `## ${chapter.title}`,
      '',
      ...(chapter.introduction === '' ? [] : [chapter.introduction, '']),
      ...table([header, ...chapter.rows]),
      '',
    ]),
  ].join('\n')
}

/** A Markdown table, the head first. Columns padded to one width, as the formatter of this repository wants them. */
export function table(rows: ReadonlyArray<readonly string[]>): string[] {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [first = '', ...others] = cells.map(line)
  return [first, line(widths.map((width) => '-'.repeat(width))), ...others]
}
