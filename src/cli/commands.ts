import type { Command } from './io.ts'
import { pause } from './pause.ts'
import { produce } from './produce.ts'
import { resume } from './resume.ts'
import { version } from './version.ts'

const configFlag =
  '  --config FILE  YAML file; default: $OCC_CONFIG, else /etc/onchain-consumer/config.yaml'

/** All commands but help, which lists them. The larger ones are loaded when they are run. */
export const commands: readonly Command[] = [
  {
    name: 'run',
    summary: 'consume: the service itself, and what happens without a command',
    usage: `Usage: onchain-consumer [run] [flags]

Consumes the configured topics until SIGTERM, SIGHUP or Ctrl-C, then drains, commits and leaves the group.

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
    name: 'dlq',
    summary: 'list, show, send again or drop dead letters',
    usage: `Usage: onchain-consumer dlq list [flags]
       onchain-consumer dlq show ID... [flags]
       onchain-consumer dlq redrive [ID...] [flags]
       onchain-consumer dlq drop [ID...] [flags]

Works on the dead letters of the configuration (deadLetters), files, topic or table. redrive and
drop say what they would do, and do it with --yes. A redrive that was interrupted goes on where it
was; a letter that may have been sent is not sent again without --resend.

An ID is what dlq list prints, or topic/partition/offset. TIME is an age (2h) or a date.

  --error-type CODE,...  letters of these errors only (list, redrive, drop)
  --topic NAME,...       of records of these topics
  --handler NAME,...     that these handlers could not handle
  --since TIME           failed since
  --until TIME           failed before
  --limit N              so many at most; list: 50 by default
  --json                 list, show: one JSON object a line
  --to-topic NAME        redrive: all to this topic; default: to where each came from
  --to-handlers          redrive: into this configuration's handlers, here and now
  --rate N               redrive: letters a second; default: as fast as it goes
  --max-redrives N       redrive: leave alone what was redriven so often; default: 3
  --resend               redrive: also what an interrupted redrive may have sent already
  --yes                  redrive, drop: do it
${configFlag.replace('--config FILE ', '--config FILE         ')}`,
    run: async (args, io) => (await import('./dlq.ts')).dlq(args, io),
  },
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
