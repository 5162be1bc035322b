import * as z from 'zod'
import {
  bytes,
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
} from '../fields.ts'
import { filterSection } from './filter.ts'
import { checkBroker, checkName, checkTopic, checkTopicPattern } from './names.ts'
import { createSaslSection, createTlsSection, PROTOCOLS } from './security.ts'

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

const CLUSTER = 'sinks.<name>'

const sink = z
  .strictObject({
    type: choice(['log', 'file', 'kafka']),
    path: file().optional(),
    maxBytes: bytes('64KiB', '1TiB').prefault('256MiB'),
    keep: integer(0, 10_000).prefault(10),
    topic: checked(text(), checkTopic).optional(),
    brokers: list('brokers', checkBroker).optional(),
    securityProtocol: choice(PROTOCOLS).prefault('PLAINTEXT'),
    sasl: createSaslSection(CLUSTER, false).prefault({}),
    tls: createTlsSection(CLUSTER, false).prefault({}),
  })
  .superRefine(({ type, path, topic }, context) => {
    const missing = (key: string, remedy: string) =>
      context.addIssue({ code: 'custom', path: [key], message: 'is missing', params: { remedy } })
    if (type === 'file' && path === undefined) missing('path', 'name the file to write')
    if (type === 'kafka' && topic === undefined) missing('topic', 'name the topic to write')
  })

export const sinksSetting = setting(
  z.record(checked(text(), checkName), sink).meta({
    kind: 'map',
    form: 'map of names to {type: log}, {type: file, path, maxBytes, keep} or {type: kafka, topic, brokers, securityProtocol, sasl, tls}',
  }),
  {
    description:
      'Where handlers can send values: `context.emit(name, value)`. `log`: lines of the log. `file`: NDJSON, synced; past `maxBytes` (256MiB) it is set aside as path.1, and `keep` (10) of these are kept. `kafka`: a topic of the same cluster, or of another one with `brokers` and the security keys of the section kafka.',
    default: {},
    example: {
      alerts: { type: 'log' },
      rows: { type: 'file', path: '/data/rows.ndjson' },
      deposits: { type: 'kafka', topic: 'my.deposits' },
    },
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
