import { check } from './commands/check.ts'
import { dlq } from './commands/dlq.ts'
import { pause } from './commands/pause.ts'
import { resume } from './commands/resume.ts'
import { run } from './commands/run.ts'
import { version } from './commands/version.ts'
import type { Command } from './io.ts'
import { produce } from './produce.ts'

/** All commands but help, which lists them. */
export const commands: readonly Command[] = [
  run,
  check,
  produce,
  dlq,
  pause,
  resume,
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
