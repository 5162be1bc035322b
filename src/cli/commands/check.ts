import { checkFlags } from '../check/flags.ts'
import { defineCommand } from './define-command.ts'

export const check = defineCommand({
  name: 'check',
  summary: 'check the configuration and the cluster',
  usage: `Usage: onchain-consumer check [flags]

Reads the configuration as the service would and prints every problem with its remedy, or the
settings in effect and their origins. Opens and closes the handlers. Then checks the brokers, topics
and group, the dead-letter target and the sinks.`,
  flags: checkFlags,
  run: async (flags, io) => (await import('../check/check.ts')).check(flags, io),
})
