import type { ValueKey } from './values-file.ts'

const BEGIN = '<!-- values: generated from values.yaml by `npm run docs` -->'
const END = '<!-- values: end -->'
/** Characters. The table refers to values.yaml for longer defaults. */
const MAX_DEFAULT = 60

/** The chart's README with a new table of values; the rest of it is written by hand. */
export function withValuesTable(readme: string, keys: readonly ValueKey[]): string {
  const begin = readme.indexOf(BEGIN)
  const end = readme.indexOf(END)
  if (begin === -1 || end < begin) throw new Error(`the README has no lines ${BEGIN} and ${END}`)
  return `${readme.slice(0, begin)}${BEGIN}\n\n${table(keys)}\n\n${readme.slice(end)}`
}

function table(keys: readonly ValueKey[]): string {
  const rows = keys
    .filter(({ value }) => value !== undefined)
    .map(({ path, value, description }) => [`\`${path.join('.')}\``, shown(value), description])
  const cells = [['Key', 'Default', 'Meaning'], ...rows].map((row) =>
    row.map((cell) => cell.replaceAll('|', '\\|')),
  )
  return cells
    .map((row) => `| ${row.join(' | ')} |`)
    .toSpliced(1, 0, '| --- | --- | --- |')
    .join('\n')
}

function shown(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > MAX_DEFAULT ? 'see values.yaml' : `\`${text}\``
}
