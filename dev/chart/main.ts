import { readFileSync, writeFileSync } from 'node:fs'
import { describeFlags, parseFlags } from '../../src/cli/arguments.ts'
import { runDevCommand } from '../command.ts'
import { generatedChartFiles } from './generated.ts'

const flags = { check: { about: 'compare instead; exit code 1 if one of them is stale' } } as const

await runDevCommand({
  name: 'chart',
  call: 'node dev/chart/main.ts',
  usage: `Usage: node dev/chart/main.ts [flags]

Generates files of the chart: values.schema.json, the dashboard, the live keys, what belongs elsewhere and the table in
README.md (dev/chart/generated.ts).

${describeFlags(flags)}`,
  async run(args, io) {
    const isCheck = parseFlags(args, flags).check !== undefined
    let code = 0
    for (const { path, content } of generatedChartFiles()) {
      if (readFileSync(path, { encoding: 'utf8', flag: isCheck ? 'r' : 'a+' }) === content) {
        io.stdout.write(`${path} is up to date\n`)
      } else if (isCheck) {
        io.stderr.write(`${path} is not what values.yaml and the code say; run: npm run docs\n`)
        code = 1
      } else {
        writeFileSync(path, content)
        io.stdout.write(`${path} written\n`)
      }
    }
    return code
  },
})
