/**
 * Generates files in the chart's folder: see generated.ts. `--check`
 * compares instead, and exits with 1 if one of them is stale.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { generatedChartFiles } from './generated.ts'

const isCheck = process.argv.includes('--check')
for (const { path, content } of generatedChartFiles()) {
  if (readFileSync(path, { encoding: 'utf8', flag: isCheck ? 'r' : 'a+' }) === content) {
    console.log(`${path} is up to date`)
  } else if (isCheck) {
    console.error(`${path} is not what values.yaml and the code say; run: npm run docs`)
    process.exitCode = 1
  } else {
    writeFileSync(path, content)
    console.log(`${path} written`)
  }
}
