import * as z from 'zod'
import { formatNames, streamNames } from '../../kernel/names.ts'
import {
  boolean,
  bytes,
  checked,
  choice,
  duration,
  either,
  file,
  integer,
  optional,
  section,
  setting,
  text,
} from './fields.ts'
import { checkRegistryUrl, checkTopicPattern } from './names.ts'

const eventSources = ['auto', ...streamNames, 'none'] as const

const topicRule = z.strictObject({
  pattern: checked(text(), checkTopicPattern),
  format: choice(formatNames).prefault('json'),
  events: choice(eventSources).prefault('auto'),
  schema: file().optional(),
  message: checked(text(), (name) =>
    /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(name)
      ? undefined
      : ['is not the name of a message', 'write its package and name: package.Message'],
  ).optional(),
})

export const decodeSection = section('How records are decoded into messages.', {
  maxMessageBytes: setting(bytes('64KiB', '1GiB'), {
    description:
      'Max bytes of a message after decompression. A larger one becomes a dead letter, so that a hostile frame cannot exhaust the memory.',
    default: '32MiB',
    live: true,
  }),
  protobuf: section('Topics with Protocol Buffers messages (docs/formats.md).', {
    schemas: optional(file().meta({ kind: 'file', form: 'path of a folder' }), {
      description:
        'Folder with the `.proto` files of the topics, in any arrangement; mounted from ConfigMaps, for example. Read at the start.',
      example: '/etc/onchain-consumer/schemas',
    }),
    reorgs: setting(boolean(), {
      description:
        'Whether a block that supersedes another gives an event `reorg`, before the events of the new block. Only this process is looked at: it must read all partitions of the topic, without worker threads.',
      default: false,
    }),
  }).prefault({}),
  registry: section('Schema registry with the HTTP API of Confluent (docs/formats.md).', {
    url: optional(checked(text(), checkRegistryUrl), {
      description:
        'URL of the registry: `https://host:port/path`. Values that name a schema in their header are then read with it, if the topic has no schema of its own. Each schema is loaded once.',
      example: 'https://registry:8081',
    }),
    caFile: optional(file(), {
      description:
        "PEM file with the authorities that sign the registry's certificate. Without it: those of Node. Read anew for each request, as the other files are.",
      example: '/etc/registry/ca.pem',
    }),
    username: optional(text(), {
      description: 'User name, for basic authentication.',
      example: 'consumer',
    }),
    usernameFile: optional(file(), {
      description: 'File that holds the user name.',
      example: '/etc/registry/username',
    }),
    passwordFile: optional(file(), {
      description: 'File that holds the password, or API secret.',
      example: '/etc/registry/password',
    }),
    tokenFile: optional(file(), {
      description: 'File that holds a bearer token, instead of user name and password.',
      example: '/etc/registry/token',
    }),
    timeout: setting(duration('100ms', '5m'), {
      description: 'How long a request may take. A registry that does not answer is asked again.',
      default: '10s',
    }),
  }).prefault({}),
  topics: setting(
    z.array(topicRule).meta({
      kind: 'rules',
      form: `list of {pattern, format: ${either(formatNames)}, events: ${either(eventSources)}, message: name of a Protocol Buffers message, schema: file of an Avro schema}`,
    }),
    {
      description:
        'Format and events of topics. The first rule whose pattern matches applies; `*` matches any characters. A topic without a rule is read as JSON, and its events are recognized by their shape; with `decode.protobuf.schemas`, topics with a known name (docs/formats.md) are read as Protocol Buffers. `message`: full name of the message that a Protocol Buffers topic holds, if its name is not known. `schema`: file with the Avro schema of values without a header; others name one of `decode.registry`.',
      default: [],
      example: [{ pattern: 'solana.*', format: 'json', events: 'solana.transfers' }],
      live: true,
    },
  ),
})

const queueSection = section('Records that are fetched and not yet handled, per partition.', {
  maxBytesPerPartition: setting(bytes('64KiB', '1GiB'), {
    description:
      'A partition whose queue holds this much is paused until the queue has drained; other partitions continue.',
    default: '2MiB',
  }),
  maxRecordsPerPartition: setting(integer(1, 10_000_000), {
    description: 'The same, counted in records.',
    default: 4000,
  }),
})

export const flowSection = section('Queues and drains.', {
  queue: queueSection.prefault({}),
  maxBytes: optional(bytes('1MiB', '1TiB'), {
    description:
      'Max bytes that are queued or in flight, over all partitions; each partition has a fair share of it, at least 64 KiB, and each group of a handler with `group: own` an equal part. Without it: a quarter of the memory limit of the container, or 128MiB if it has none.',
    example: '128MiB',
  }),
  rebalanceDrain: setting(duration('0s', '5m'), {
    description:
      'How long work in flight may take to finish and be committed when partitions are revoked. Below `kafka.rebalanceTimeout`.',
    default: '5s',
  }),
  drain: setting(duration('0s', '1h'), {
    description:
      'How long work in flight may take to finish at shutdown. Below the terminationGracePeriodSeconds of the pod.',
    default: '20s',
  }),
})

export const commitSection = section('When the offsets of finished records are committed.', {
  mode: setting(choice(['interval', 'batch', 'record']), {
    description:
      '`interval`: by time or count; `batch`: after each fetched batch; `record`: after each record. Brokers push back when commits come too often.',
    default: 'interval',
  }),
  interval: setting(duration('10ms', '10m'), {
    description: 'Time between commits with `mode: interval`.',
    default: '1s',
  }),
  everyRecords: setting(integer(1, 100_000_000), {
    description: 'With `mode: interval`, commit earlier once this many records are finished.',
    default: 10_000,
  }),
})
