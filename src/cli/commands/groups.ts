import { groupsFlags } from '../groups/flags.ts'
import { defineCommand } from './define-command.ts'

export const groups = defineCommand({
  name: 'groups',
  summary: 'print the consumer groups of the brokers',
  usage: `Usage: onchain-consumer groups [flags]

Prints the groups that the user may see: state, members, assignment strategy, lag. With --group, its
members and their partitions. Joins nothing; needs Describe on groups and topics. What the brokers
do not say is a question mark.`,
  flags: groupsFlags,
  run: async (flags, io) => (await import('../groups/groups.ts')).groups(flags, io),
})
