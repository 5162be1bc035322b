import { configFlag, defineCommand } from './define-command.ts'

export const checkFlags = { ...configFlag, offline: { about: 'make no connections' } } as const

export const check = defineCommand({
  name: 'check',
  summary: 'check the configuration and the cluster',
  usage: `Usage: onchain-consumer check [flags]

Reads the configuration as the service would and prints every problem with its remedy, or the
settings in effect and their origins. Then checks the brokers, topics and group.`,
  flags: checkFlags,
  run: async (flags, io) => (await import('../check/check.ts')).check(flags, io),
})
