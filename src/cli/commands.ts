import type { Command, Io } from './io.ts'
import { produce } from './produce.ts'
import { version } from './version.ts'

/** What the files of the larger commands export, under the command's name. */
type Run = (args: readonly string[], io: Io) => Promise<number>

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
    run: async (args, io) => (await load('run'))(args, io),
  },
  {
    name: 'check',
    summary: 'check the configuration, connecting to nothing',
    usage: `Usage: onchain-consumer check [flags]

Reads the configuration as the service would, and prints every problem with its remedy.

${configFlag}`,
    run: async (args, io) => (await load('check'))(args, io),
  },
  produce,
  {
    name: 'docs',
    summary: 'print or write the reference of configuration and metrics',
    usage: `Usage: onchain-consumer docs [flags]

  --write  write the files in docs/ anew
  --check  fail when they are not what the code says`,
    run: async (args, io) => (await load('docs'))(args, io),
  },
  version,
]

async function load(name: 'run' | 'check' | 'docs'): Promise<Run> {
  const file = `./${name}.ts`
  const loaded: Record<string, Run> = await import(file)
  const run = loaded[name]
  if (run === undefined) throw new TypeError(`${file} exports no ${name}`)
  return run
}
