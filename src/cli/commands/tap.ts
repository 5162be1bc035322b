import { tapFlags } from '../service/flags.ts'
import { defineCommand } from './define-command.ts'

export const tap = defineCommand({
  name: 'tap',
  summary: 'print a sample of the records that a running service handles',
  usage: `Usage: onchain-consumer tap --url URL --token-file FILE [flags]
       onchain-consumer tap --release NAME [flags]

Prints records that the services hand to their handlers, one a second and service at most, as one JSON
object a line (docs/page.md). It ends after 5 minutes, with --count, or with Ctrl-C. It changes nothing.`,
  flags: tapFlags,
  run: async (flags, io) => (await import('../service/tap.ts')).tap(flags, io),
})
