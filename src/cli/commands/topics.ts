import { topicsFlags } from '../groups/flags.ts'
import { defineCommand } from './define-command.ts'

export const topics = defineCommand({
  name: 'topics',
  summary: 'print the topics of the brokers',
  usage: `Usage: onchain-consumer topics [flags]

Prints the topics that the user may see: partitions, replicas, records, size, retention, and what is
wrong with them. With --topic, its partitions: leader, replicas, offsets. Needs Describe on the
topics; DescribeConfigs for the retention, and Describe on the cluster for sizes. What the brokers
do not say is a question mark.`,
  flags: topicsFlags,
  run: async (flags, io) => (await import('../groups/topics.ts')).topics(flags, io),
})
