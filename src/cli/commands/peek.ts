import { describeFlags, parseFlags, usageError } from '../arguments.ts'
import type { Command } from '../terminal/io.ts'
import { kafkaFlags } from './kafka-flags.ts'

export const peekFlags = {
  count: { value: 'N', about: 'number of records, at most 1000; default: 5' },
  since: {
    value: 'TIME',
    about: 'the first ones from then on: 10m, or 2026-01-31T12:00:00Z;\ndefault: the last ones',
  },
  partition: { value: 'N', about: 'only this partition' },
  json: { about: 'one JSON object per line: a sample for handler test' },
  ...kafkaFlags,
} as const

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
