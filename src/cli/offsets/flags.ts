import type { FlagTable } from '../arguments.ts'
import { kafkaFlags } from '../commands/kafka-flags.ts'
import { reachFlags, tokenFlag } from '../service/flags.ts'

const chosen = {
  topic: { value: 'T,...', about: 'these topics' },
  partition: { value: '0,3-5', about: 'these partitions of them' },
  'all-partitions': { about: 'all partitions of these topics' },
  'all-topics': { about: 'all topics of the group, with all their partitions' },
} as const satisfies FlagTable

const group = {
  group: { value: 'NAME', about: 'the consumer group; default: kafka.groupId' },
  json: { about: 'for programs' },
  ...kafkaFlags,
} as const satisfies FlagTable

const through = {
  ...reachFlags,
  url: {
    value: 'URL',
    about:
      'ask this pod: http://HOST:PORT; this or --release is needed while the group has members',
  },
  ...tokenFlag,
} as const satisfies FlagTable

const to = {
  to: {
    value: 'WHERE',
    about:
      'BEGINNING, END, an OFFSET, -1000 (records back), an age (2h),\n2026-01-31T12:00:00Z, group:NAME or file:PLAN',
  },
} as const satisfies FlagTable

const changes = {
  yes: { about: 'apply it; without it only the plan is printed' },
  undo: {
    value: 'FILE',
    about: 'where to write the plan that undoes it; default: a new file here',
  },
} as const satisfies FlagTable

const applies = {
  ...changes,
  'allow-skip': { about: 'also if records that nobody handled are passed by' },
  deduplicate: { about: 'leave out of the replay what is known to be a duplicate' },
} as const satisfies FlagTable

export const planFlags = {
  ...chosen,
  ...to,
  out: { value: 'FILE', about: 'write the plan to a file, for --to file:FILE' },
  ...group,
  ...through,
} as const satisfies FlagTable

export const setFlags = {
  ...chosen,
  ...to,
  ...applies,
  ...group,
  ...through,
} as const satisfies FlagTable

export const importFlags = { ...applies, ...group, ...through } as const satisfies FlagTable

export const cancelFlags = {
  ...chosen,
  ...changes,
  ...group,
  ...through,
} as const satisfies FlagTable

export const statusFlags = {
  topic: { value: 'T,...', about: 'only these topics' },
  ...group,
  ...through,
} as const satisfies FlagTable

export const exportFlags = {
  topic: { value: 'T,...', about: 'only these topics' },
  out: { value: 'FILE', about: 'write to this file instead of standard output' },
  recorded: { about: 'what the table of offsets.record has, in place of what Kafka has' },
  ...group,
  ...through,
} as const satisfies FlagTable
