import { resumeFlags } from '../service/flags.ts'
import { defineCommand } from './define-command.ts'

export const resume = defineCommand({
  name: 'resume',
  summary: 'resume a paused topic, partition or handler in all pods of the group',
  usage: `Usage: onchain-consumer resume --topic NAME [--partition N] [--reason TEXT]
           --url URL --token-file FILE
       onchain-consumer resume --handler NAME [--reason TEXT] --url URL --token-file FILE

--release NAME, in place of --url and --token-file, asks a pod of a release in a cluster.
Resuming a topic also resumes its partitions that were paused individually.`,
  flags: resumeFlags,
  run: async (flags, io) => (await import('../service/pause.ts')).resuming(flags, io),
})
