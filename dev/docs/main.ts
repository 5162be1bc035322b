import { describeFlags } from '../../src/cli/arguments.ts'
import { runDevCommand } from '../command.ts'
import { docs, docsFlags } from './docs.ts'

await runDevCommand({
  name: 'docs',
  call: 'node dev/docs/main.ts',
  usage: `Usage: node dev/docs/main.ts [flags]

Prints the documents in docs/ that are generated from the code.

${describeFlags(docsFlags)}`,
  run: docs,
})
