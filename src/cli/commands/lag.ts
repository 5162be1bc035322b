import { defineCommand } from './define-command.ts'
import { kafkaFlags } from './kafka-flags.ts'

export const lagFlags = {
  group: { value: 'NAME', about: 'the consumer group; default: kafka.groupId' },
  topic: { value: 'NAME', about: 'only this topic' },
  over: {
    value: 'TIME',
    about: 'time between the two readings that give rates; default: 5s,\n0s: one reading, no rates',
  },
  watch: { about: 'again and again, until Ctrl-C; rates are those of the last minute' },
  interval: { value: 'TIME', about: 'with --watch: time between readings; default: 2s' },
  url: {
    value: 'URL,...',
    about: 'http://HOST:PORT of the services: says which partitions they hold',
  },
  json: { about: 'as one JSON object, with --watch one a line' },
  ...kafkaFlags,
} as const

export const lag = defineCommand({
  name: 'lag',
  summary: 'print how far a consumer group is behind',
  usage: `Usage: onchain-consumer lag [flags]

Reads the group from the brokers, whatever client its members are: committed and end offsets, lag in
records and in time, time until retention deletes what is not committed, time until the lag is gone,
and who owns each partition. Joins nothing. Needs Describe on the group and its topics, and Read on
the topics for the times.

Trend: ok; behind (the lag does not grow); growing; stalled (records wait, nothing is committed);
held (paused, see --url); unknown. What the brokers do not say is a question mark.`,
  flags: lagFlags,
  run: async (flags, io) => (await import('../groups/lag.ts')).lag(flags, io),
})
