import { describeFlags, parseFlags, usageError } from '../arguments.ts'
import { peekFlags } from '../peek/flags.ts'
import type { Command } from '../terminal/io.ts'

export const peek: Command = {
  name: 'peek',
  summary: 'decode and print a few records of a topic',
  usage: `Usage: onchain-consumer peek TOPIC [flags]

Prints records and what the decoder finds in them: encoding, format, stream, events, problems. Joins
no group and leaves nothing behind: Read on the topic is the only permission needed. Brokers and
security come from the configuration; its topics and group are not used.

${describeFlags(peekFlags)}`,
  async run([topic, ...args], io) {
    if (topic === undefined || topic.startsWith('-')) {
      throw usageError('peek needs a topic first: peek TOPIC [flags]')
    }
    const flags = parseFlags(args, peekFlags)
    return (await import('../peek/peek.ts')).peek(topic, flags, io)
  },
}
