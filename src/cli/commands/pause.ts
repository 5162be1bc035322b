import { adminFlags } from './admin-flags.ts'
import { defineCommand } from './define-command.ts'

export const pause = defineCommand({
  name: 'pause',
  summary: 'pause a topic, a partition or a handler of a running service',
  usage: `Usage: onchain-consumer pause --topic NAME [--partition N] --url URL --token-file FILE
       onchain-consumer pause --handler NAME --url URL --token-file FILE

What is in hand is finished; nothing more is fetched or handed over until resume, or until the
process ends. It counts for the process that is asked: name every pod in --url.`,
  flags: adminFlags,
  run: async (flags, io) => (await import('../admin/request.ts')).adminRequest('pause', flags, io),
})
