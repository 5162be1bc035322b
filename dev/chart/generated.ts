import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { dashboardJson } from './dashboard/dashboard.ts'
import { elsewhereFile } from './elsewhere.ts'
import { liveKeysFile } from './live-keys.ts'
import { withValuesTable } from './readme.ts'
import { readValueKeys } from './values-file.ts'
import { valuesSchema } from './values-schema.ts'

export const chartFolder = join(import.meta.dirname, '../../helm/onchain-consumer')

/** Each generated file of the chart, with its expected content. */
export function generatedChartFiles(): ReadonlyArray<{ path: string; content: string }> {
  const keys = readValueKeys(join(chartFolder, 'values.yaml'))
  const readme = join(chartFolder, 'README.md')
  return [
    { path: join(chartFolder, 'values.schema.json'), content: valuesSchema(keys) },
    { path: join(chartFolder, 'dashboards/onchain-consumer.json'), content: dashboardJson() },
    { path: join(chartFolder, 'files/live-keys.yaml'), content: liveKeysFile() },
    { path: join(chartFolder, 'files/elsewhere.yaml'), content: elsewhereFile() },
    { path: readme, content: withValuesTable(readFileSync(readme, 'utf8'), keys) },
  ]
}
