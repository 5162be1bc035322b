import { describeActions } from '../arguments.ts'
import { newFlags, testFlags } from '../handler/flags.ts'
import type { Command } from '../terminal/io.ts'

export const handler: Command = {
  name: 'handler',
  summary: 'write a handler, or run one over samples',
  usage: `Usage: onchain-consumer handler new NAME [flags]
       onchain-consumer handler test FILE --sample FILE,... [flags]
       onchain-consumer handler test FILE --topic NAME --since TIME [flags]

new writes a handler, its test and a few messages to try it with; it overwrites nothing.

test runs a handler once over each record, as the service would, and prints outcomes, times and what
it emitted. Nothing is sent to a sink, no group is joined, nothing is committed. Exit code 1 if a
record failed, or with --expect if the results differ.

A sample file has a record a line: the value of a message, or a line of peek --json. A file named
*.json is the value of one message.

${describeActions({ new: newFlags, test: testFlags })}`,
  run: async (args, io) => (await import('../handler/handler.ts')).handler(args, io),
}
