#!/usr/bin/env node
// Only what any Node can read is imported before it is known whether this one is new enough.
import { nodeProblem } from './cli/run/node-version.ts'

const problem = nodeProblem(process.versions.node)
if (problem === null) {
  const { start } = await import('./cli/start.ts')
  await start()
} else {
  process.stderr.write(`${problem}\n`)
  process.exitCode = 1
}
