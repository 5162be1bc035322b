import { runDevCommand } from '../command.ts'
import { docs } from './docs.ts'

await runDevCommand({
  name: 'docs',
  usage: `Usage: node dev/docs/main.ts [flags]

Prints the reference of configuration and metrics.

  --write  write the files in docs/ anew
  --check  fail when they are not what the code says`,
  run: docs,
})
