import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describeFlags, parseFlags } from '../../src/cli/arguments.ts'
import { runDevCommand } from '../command.ts'
import { generate } from './generate.ts'
import { stale, target } from './stale.ts'

const flags = { check: { about: 'compare instead; exit code 1 if one of them is stale' } } as const

await runDevCommand({
  name: 'k8s',
  call: 'npm run k8s --',
  usage: `Usage: npm run k8s -- [flags]

Generates k8s/base and k8s/components from the chart.

${describeFlags(flags)}`,
  async run(args, io) {
    const isCheck = parseFlags(args, flags).check !== undefined
    const wanted = generate()
    const paths = stale(wanted)
    if (isCheck) {
      for (const path of paths) {
        io.stderr.write(`k8s/${path} is not what the chart renders: npm run k8s\n`)
      }
      return paths.length === 0 ? 0 : 1
    }
    for (const path of paths) {
      const text = wanted.get(path)
      if (text === undefined) rmSync(join(target, path))
      else {
        mkdirSync(dirname(join(target, path)), { recursive: true })
        writeFileSync(join(target, path), text)
      }
    }
    io.stdout.write(`k8s/: ${wanted.size} files, ${paths.length} of them written or removed\n`)
    return 0
  },
})
