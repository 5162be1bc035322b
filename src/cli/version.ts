import { readFileSync } from 'node:fs'
import { parseFlags } from './arguments.ts'
import type { Command } from './io.ts'

/** The version in package.json, which lies above src/ and dist/ alike. */
export function readVersion(): string {
  const path = new URL('../../package.json', import.meta.url)
  const { version }: { version: string } = JSON.parse(readFileSync(path, 'utf8'))
  return version
}

export const version: Command = {
  name: 'version',
  summary: 'print the version',
  usage: 'Usage: onchain-consumer version',
  async run(args, io) {
    parseFlags(args, {})
    io.stdout.write(`onchain-consumer ${readVersion()} (Node ${process.version})\n`)
    return 0
  },
}
