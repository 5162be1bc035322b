import { pauseFlags } from '../service/flags.ts'
import { defineCommand } from './define-command.ts'

export const resume = defineCommand({
  name: 'resume',
  summary: 'resume a paused topic, partition or handler',
  usage: `Usage: onchain-consumer resume --topic NAME [--partition N] --url URL --token-file FILE
       onchain-consumer resume --handler NAME --url URL --token-file FILE

--release NAME, in place of --url and --token-file, is every pod of a release in a cluster.
Resuming a topic also resumes its partitions that were paused individually.`,
  flags: pauseFlags,
  run: async (flags, io) => (await import('../service/pause.ts')).setPaused('resume', flags, io),
})
