import { lagFlags } from '../groups/flags.ts'
import { defineCommand } from './define-command.ts'

export const lag = defineCommand({
  name: 'lag',
  summary: 'print how far a consumer group is behind',
  usage: `Usage: onchain-consumer lag [flags]

Reads the group from the brokers, whatever client its members are: committed and end offsets, lag in
records and in time, time until retention deletes what is not committed, time until the lag is gone,
and who owns each partition. Joins nothing. Needs Describe on the group and its topics, and Read on
the topics for the times.

With --release, and neither --brokers nor --config, it is what the pods of the release know of their
partitions, and no broker is asked.

Trend: ok; behind (the lag does not grow); growing; stalled (records wait, nothing is committed);
held (paused, see --url and --release); unknown. What the brokers do not say is a question mark.`,
  flags: lagFlags,
  run: async (flags, io) => (await import('../groups/lag.ts')).lag(flags, io),
})
