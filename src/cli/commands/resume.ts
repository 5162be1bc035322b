import { adminFlags } from './admin-flags.ts'
import { defineCommand } from './define-command.ts'

export const resume = defineCommand({
  name: 'resume',
  summary: 'let go on what was paused',
  usage: `Usage: onchain-consumer resume --topic NAME [--partition N] --url URL --token-file FILE
       onchain-consumer resume --handler NAME --url URL --token-file FILE

A topic goes on with all of its partitions, also with those that were paused by themselves.`,
  flags: adminFlags,
  run: async (flags, io) => (await import('../admin/request.ts')).adminRequest('resume', flags, io),
})
