import * as z from 'zod'
import { formatNames, streamNames } from '../../kernel/names.ts'
import {
  bytes,
  checked,
  choice,
  duration,
  either,
  integer,
  optional,
  section,
  setting,
  text,
} from './fields.ts'
import { checkTopicPattern } from './names.ts'

const eventSources = ['auto', ...streamNames, 'none'] as const

const topicRule = z.strictObject({
  pattern: checked(text(), checkTopicPattern),
  format: choice(formatNames).prefault('json'),
  events: choice(eventSources).prefault('auto'),
})

export const decodeSection = section('How bytes become messages.', {
  maxMessageBytes: setting(bytes('64KiB', '1GiB'), {
    description:
      'Most bytes of a message after decompression. A larger one is kept as a failed record, so that a hostile frame cannot exhaust the memory.',
    default: '32MiB',
  }),
  topics: setting(
    z.array(topicRule).meta({
      kind: 'rules',
      form: `list of {pattern, format: ${either(formatNames)}, events: ${either(eventSources)}}`,
    }),
    {
      description:
        'What topics hold; the first rule whose pattern fits counts, `*` stands for any characters. A topic without a rule is JSON, its events found by its name and shape.',
      default: [],
      example: [{ pattern: 'solana.*', format: 'json', events: 'solana.transfers' }],
    },
  ),
})

const queueSection = section('What is fetched and not yet handled, per partition.', {
  maxBytesPerPartition: setting(bytes('64KiB', '1GiB'), {
    description:
      'A partition whose queue holds this much is paused until it has drained; the others flow on.',
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
      'Most bytes of all partitions together that are fetched and not yet handled, or being handled; each partition has a fair share of it, at least 64 KiB. Without it: a quarter of the memory limit of the container, or 128MiB where there is none.',
    example: '128MiB',
  }),
  rebalanceDrain: setting(duration('0s', '5m'), {
    description:
      'How long work in flight may finish and be committed when partitions are taken away. Below `kafka.rebalanceTimeout`.',
    default: '5s',
  }),
  drain: setting(duration('0s', '1h'), {
    description:
      'How long work in flight may finish at shutdown. Below the terminationGracePeriodSeconds of the pod.',
    default: '20s',
  }),
})

export const commitSection = section('When offsets of finished records are committed.', {
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
