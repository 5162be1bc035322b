import * as z from 'zod'
import {
  checked,
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
import { checkName, checkTopicPattern } from './names.ts'

const handler = z.strictObject({
  path: file(),
  name: checked(text(), checkName).optional(),
  topics: list('topics', checkTopicPattern).prefault(['*']),
  timeout: duration('1ms', '24h').prefault('30s'),
  filter: filterSection.optional(),
  options: z.record(z.string(), z.unknown()).prefault({}),
})

export const handlersSetting = setting(
  z.array(handler).meta({
    kind: 'rules',
    form: 'list of {path, name, topics, timeout, filter, options}',
  }),
  {
    description:
      'Modules of your own, TypeScript or JavaScript, that handle the messages (docs/handlers.md). `path` of the module; `name` in place of its own; `topics`, names or patterns with `*`, default all; `timeout` of a call, default 30s; `filter`, the keys of the section filter, for this handler: of all these the only live one; `options`, any values, handed to it as context.options.',
    default: [],
    example: [
      {
        path: '/etc/onchain-consumer/handlers/whale-alert.ts',
        topics: ['solana.*'],
        timeout: '30s',
        filter: { minAmount: '100000', assets: ['USDC'] },
      },
    ],
  },
)

export const deduplicationSection = section(
  'Events that were handled before are not handled again: streams repeat themselves.',
  {
    window: optional(integer(0, 100_000_000), {
      description:
        'Ids of events remembered per partition once they are handled, at 10 to 14 bytes an id. Without it: 100000 where there are handlers, else 0. 0 looks for none.',
      example: 100_000,
    }),
    age: setting(duration('1s', '24h'), {
      description: 'How long they are remembered; twice as long at most.',
      default: '240s',
    }),
  },
)
