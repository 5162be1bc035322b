import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Rule } from './cluster.ts'

/** Placeholders of names in the table. */
export type Names = Readonly<
  Record<'kubernetes.leaseName' | 'kubernetes.partitionSync.name', string>
>

/**
 * The rules of the table in docs/kubernetes.md: what is tested is what people are told.
 *
 * @param features As in its first column.
 */
export function documentedRules(features: readonly string[], names: Names): Rule[] {
  const file = join(import.meta.dirname, '../../../docs/kubernetes.md')
  const [, section = ''] = readFileSync(file, 'utf8').split(/^## Roles$/m)
  const [table = ''] = section.split(/^## /m)
  const rows = table
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, feature = '', ...cells]) => ({ feature, cells: cells.map(quoted) }))
  const missing = features.filter((wanted) => !rows.some(({ feature }) => feature === wanted))
  if (missing.length > 0)
    throw new Error(`docs/kubernetes.md has no rule for ${missing.join(', ')}`)
  return rows
    .filter(({ feature }) => features.includes(feature))
    .map(({ cells: [apiGroups = [], resources = [], named = [], verbs = []] }) => ({
      apiGroups: apiGroups.map((group) => (group === '""' ? '' : group)),
      resources,
      ...(named.length === 0 ? {} : { resourceNames: named.map((name) => nameOf(name, names)) }),
      verbs,
    }))
}

/** The words of a cell between backquotes. */
function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word)
}

function nameOf(key: string, names: Names): string {
  const name = Reflect.get(names, key)
  if (typeof name !== 'string') throw new Error(`docs/kubernetes.md names an object by ${key}`)
  return name
}
