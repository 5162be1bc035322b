import { currentVersion } from '../version.ts'
import { defineCommand } from './define-command.ts'

export const version = defineCommand({
  name: 'version',
  summary: 'print the version',
  usage: 'Usage: onchain-consumer version',
  flags: {},
  async run(_, io) {
    io.stdout.write(`onchain-consumer ${currentVersion} (Node ${process.version})\n`)
    return 0
  },
})
