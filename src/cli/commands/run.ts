import { configFlag, defineCommand } from './define-command.ts'

export const run = defineCommand({
  name: 'run',
  summary: 'consume: run the service (the default command)',
  usage: `Usage: onchain-consumer [run] [flags]

Consumes the configured topics until SIGTERM, SIGHUP or Ctrl-C, then drains, commits and leaves
the group.`,
  flags: configFlag,
  run: async (flags, io) => (await import('../run/run.ts')).run(flags, io),
})
