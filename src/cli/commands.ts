import type { Command } from './io.ts'
import { produce } from './produce.ts'
import { version } from './version.ts'

const configFlag =
  '  --config FILE  YAML file; default: $OCC_CONFIG, else /etc/onchain-consumer/config.yaml'

/** All commands but help, which lists them. The larger ones are loaded when they are run. */
export const commands: readonly Command[] = [
  {
    name: 'run',
    summary: 'consume: the service itself, and what happens without a command',
    usage: `Usage: onchain-consumer [run] [flags]

Consumes the configured topics until SIGTERM or Ctrl-C, then drains, commits and leaves the group.

${configFlag}`,
    run: async (args, io) => (await import('./run.ts')).run(args, io),
  },
  {
    name: 'check',
    summary: 'check the configuration, and the cluster with it',
    usage: `Usage: onchain-consumer check [flags]

Reads the configuration as the service would and prints every problem with its remedy, or the
settings in effect and where each comes from; then looks at the brokers, topics and group.

${configFlag}
  --offline      connect to nothing`,
    run: async (args, io) => (await import('./check.ts')).check(args, io),
  },
  produce,
  {
    name: 'docs',
    summary: 'print or write the reference of configuration and metrics',
    usage: `Usage: onchain-consumer docs [flags]

  --write  write the files in docs/ anew
  --check  fail when they are not what the code says`,
    run: async (args, io) => (await import('./docs.ts')).docs(args, io),
  },
  version,
]
