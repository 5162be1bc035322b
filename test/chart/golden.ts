import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderScenario, scenarios } from './tools/helm.ts'

export const goldenFile = (scenario: string) =>
  join(import.meta.dirname, 'golden', `${scenario}.yaml`)

/** What a reviewer sees of a change of the chart: `npm run chart:golden`, then `git diff`. */
if (import.meta.main) {
  for (const scenario of scenarios) {
    const now = renderScenario(scenario)
    const before = readFileSync(goldenFile(scenario), { encoding: 'utf8', flag: 'a+' })
    if (now !== before) writeFileSync(goldenFile(scenario), now)
    console.log(`${scenario}.yaml ${now === before ? 'is up to date' : 'written'}`)
  }
}
