import { adminRequest, flagTable } from './admin-request.ts'
import { describeFlags } from './arguments.ts'
import type { Command } from './io.ts'

const flags = describeFlags(flagTable)

export const resume: Command = {
  name: 'resume',
  summary: 'let go on what was paused',
  usage: `Usage: onchain-consumer resume --topic NAME [--partition N] --url URL --token-file FILE
       onchain-consumer resume --handler NAME --url URL --token-file FILE

A topic goes on with all of its partitions, also with those that were paused by themselves.

${flags}`,
  run: (args, io) => adminRequest('resume', args, io),
}
