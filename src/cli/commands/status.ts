import { statusFlags } from '../service/flags.ts'
import { defineCommand } from './define-command.ts'

export const status = defineCommand({
  name: 'status',
  summary: 'print how a running service does',
  usage: `Usage: onchain-consumer status --url http://HOST:PORT [flags]
       onchain-consumer status --release NAME [flags]

Prints one screen about each service, as the page at / shows it: how it does in one sentence, whether it
is ready and why not, its figures, its group, a mark for each partition and the worst of them, handlers,
sinks, dead letters. What is not known is a question mark. Exit code 1 if a service is not ready or does
not answer.`,
  flags: statusFlags,
  run: async (flags, io) => (await import('../service/status.ts')).status(flags, io),
})
