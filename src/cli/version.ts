import packageJson from '../../package.json' with { type: 'json' }
import { parseFlags } from './arguments.ts'
import type { Command } from './io.ts'

export const currentVersion: string = packageJson.version

export const version: Command = {
  name: 'version',
  summary: 'print the version',
  usage: 'Usage: onchain-consumer version',
  async run(args, io) {
    parseFlags(args, {})
    io.stdout.write(`onchain-consumer ${currentVersion} (Node ${process.version})\n`)
    return 0
  },
}
