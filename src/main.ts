#!/usr/bin/env node
// Until the Node version is checked, import only what every version can parse.
import { nodeProblem } from './cli/run/node-version.ts'

const problem = nodeProblem(process.versions.node)
if (problem === null) {
  const { start } = await import('./cli/start.ts')
  await start()
} else {
  process.stderr.write(`${problem}\n`)
  process.exitCode = 1
}
