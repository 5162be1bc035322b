import { kafkaFlags } from '../commands/kafka-flags.ts'
import { reachFlags } from '../service/flags.ts'

export const groupsFlags = {
  group: { value: 'NAME', about: 'only this group, with its members' },
  json: { about: 'as one JSON object a group' },
  ...kafkaFlags,
} as const

export const lagFlags = {
  group: { value: 'NAME', about: 'the consumer group; default: kafka.groupId' },
  topic: { value: 'NAME', about: 'only this topic' },
  over: {
    value: 'TIME',
    about: 'time between the two readings that give rates; default: 5s,\n0s: one reading, no rates',
  },
  watch: { about: 'again and again, until Ctrl-C; rates are those of the last minute' },
  interval: { value: 'TIME', about: 'with --watch: time between readings; default: 2s' },
  ...reachFlags,
  url: {
    value: 'URL,...',
    about: 'http://HOST:PORT of the services: says which partitions they hold',
  },
  json: { about: 'as one JSON object, with --watch one a line' },
  ...kafkaFlags,
} as const

export const topicsFlags = {
  topic: { value: 'NAME', about: 'only this topic, with its partitions' },
  json: { about: 'as one JSON object a topic' },
  ...kafkaFlags,
} as const
