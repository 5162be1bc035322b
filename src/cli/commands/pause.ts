import { pauseFlags } from '../service/flags.ts'
import { defineCommand } from './define-command.ts'

export const pause = defineCommand({
  name: 'pause',
  summary: 'pause a topic, a partition or a handler in all pods of the group',
  usage: `Usage: onchain-consumer pause --topic NAME [--partition N] [--for TIME | --until TIME]
           [--reason TEXT] --url URL --token-file FILE
       onchain-consumer pause --handler NAME [--for TIME | --until TIME] ...

Records in flight are finished; nothing more is fetched or handed over until the end of the pause,
or until resume. It is kept for the group, also over restarts of all pods: any pod can be asked, and
the others follow within some seconds. --release NAME, in place of --url and --token-file, asks a pod
of a release in a cluster.`,
  flags: pauseFlags,
  run: async (flags, io) => (await import('../service/pause.ts')).pausing(flags, io),
})
