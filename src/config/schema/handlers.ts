import * as z from 'zod'
import {
  checked,
  choice,
  duration,
  file,
  integer,
  list,
  optional,
  section,
  setting,
  text,
} from './fields.ts'
import { filterSection } from './filter.ts'
import { checkName, checkTopicPattern, RECORD_ORDERS } from './names.ts'

const handler = z.strictObject({
  path: file().optional(),
  sink: checked(text(), checkName).optional(),
  each: choice(['event', 'message']).prefault('event'),
  name: checked(text(), checkName).optional(),
  topics: list('topics', checkTopicPattern).prefault(['*']),
  group: choice(['shared', 'own']).prefault('shared'),
  order: choice(RECORD_ORDERS).optional(),
  concurrency: integer(1, 100_000).optional(),
  maxRecordsPerSecond: integer(0, 10_000_000).optional(),
  attempts: integer(1, 1000).optional(),
  timeout: duration('1ms', '24h').prefault('30s'),
  filter: filterSection.optional().meta({ live: true }),
  options: z.record(z.string(), z.unknown()).prefault({}),
})

export const handlersSetting = setting(
  z.array(handler).meta({
    kind: 'rules',
    form: 'list of {path, name, topics, group, order, concurrency, maxRecordsPerSecond, attempts, timeout, filter, options}, or without code with sink and each in place of path and options',
  }),
  {
    description:
      'Your own modules, TypeScript or JavaScript, that handle the messages (docs/handlers.md). `path`: the module; `name`: replaces its own name; `topics`: names or patterns with `*`, default all; `group`: `own` gives it a consumer group of its own, `<kafka.groupId>.<name>`, with offsets, pace and lag of its own; default `shared`; `order`, `concurrency`, `maxRecordsPerSecond`, `attempts`: replace those of `processing` and `retry` for this handler; `timeout`: of a call, default 30s; `filter`: the keys of the section filter, for this handler (the only live key here); `options`: any values, passed to it as context.options; relative paths in options whose names end in `File` begin in the folder of the configuration file. Without code, `sink` in place of `path`: the named sink gets every event (`each: event`) or every message (`each: message`).',
    default: [],
    example: [
      {
        path: '/etc/onchain-consumer/handlers/whale-alert.ts',
        topics: ['solana.*'],
        timeout: '30s',
        filter: { minAmount: '100000', assets: ['EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'] },
      },
    ],
  },
)

export const deduplicationSection = section(
  'Skips events that were already handled: streams repeat events.',
  {
    window: optional(integer(0, 100_000_000), {
      description:
        'Ids of handled events remembered per partition, 10 to 14 bytes each. Without it: 100000 if there are handlers, else 0. 0 turns deduplication off.',
      example: 100_000,
    }),
    age: setting(duration('1s', '24h'), {
      description: 'How long ids are remembered: at least this long, at most twice as long.',
      default: '240s',
    }),
  },
)
