import { pauseFlags } from '../service/flags.ts'
import { defineCommand } from './define-command.ts'

export const pause = defineCommand({
  name: 'pause',
  summary: 'pause a topic, a partition or a handler of a running service',
  usage: `Usage: onchain-consumer pause --topic NAME [--partition N] --url URL --token-file FILE
       onchain-consumer pause --handler NAME --url URL --token-file FILE

Records in flight are finished; nothing more is fetched or handed over until resume or the end of
the process. A pause applies only to the processes named in --url: name every pod. --release NAME, in place
of --url and --token-file, is every pod of a release in a cluster.`,
  flags: pauseFlags,
  run: async (flags, io) => (await import('../service/pause.ts')).setPaused('pause', flags, io),
})
