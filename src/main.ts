#!/usr/bin/env node
import { describeFailure } from './cli/failure.ts'
import { main } from './cli/index.ts'
import { writeTerminationMessage } from './cli/termination-message.ts'

const { stdout, stderr, env } = process

let code = 1
try {
  code = await main(process.argv.slice(2), { stdout, stderr, env })
} catch (error) {
  stderr.write(`${describeFailure(error)}\n`)
  writeTerminationMessage(describeFailure(error), env)
}
// Not exitCode: a socket that hangs in its close must not keep a finished process.
process.exit(code)
