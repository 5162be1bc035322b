import { describeActions } from '../arguments.ts'
import { dropFlags, listFlags, redriveFlags, showFlags } from '../dlq/flags.ts'
import type { Command } from '../terminal/io.ts'

const flags = describeActions({
  list: listFlags,
  show: showFlags,
  redrive: redriveFlags,
  drop: dropFlags,
})

export const dlq: Command = {
  name: 'dlq',
  summary: 'list, show, redrive or drop dead letters',
  usage: `Usage: onchain-consumer dlq list [ID...] [flags]
       onchain-consumer dlq show ID... [flags]
       onchain-consumer dlq redrive [ID...] [flags]
       onchain-consumer dlq drop [ID...] [flags]

Works on the dead letters of the configured target (deadLetters): files, topic or table. redrive and
drop print what they would do; --yes executes it. An interrupted redrive continues where it stopped.
A letter that may have been sent is not sent again without --resend.

--parked: records that wait until they are due, in place of letters. redrive makes them due now, drop
makes letters of them. --since and --until are about when they were parked.

An ID is what dlq list prints, or topic/partition/offset. TIME is an age (2h) or a date.

${flags}`,
  run: async (args, io) => (await import('../dlq/dlq.ts')).dlq(args, io),
}
