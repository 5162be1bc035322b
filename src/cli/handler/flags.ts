import type { FlagTable } from '../arguments.ts'
import { kafkaFlags } from '../commands/kafka-flags.ts'

export const newFlags = {
  folder: { value: 'DIR', about: 'where to write; default: the working directory' },
} as const satisfies FlagTable

export const testFlags = {
  sample: { value: 'FILE,...', about: 'samples to handle' },
  topic: {
    value: 'NAME',
    about:
      'a topic to take records from; with --sample: the topic of plain\nvalues, default: the first of the configuration, or "sample"',
  },
  since: {
    value: 'TIME',
    about:
      'records of the topic from then on: 10m, or 2026-01-31T12:00:00Z;\ndefault: its last ones',
  },
  count: { value: 'N', about: 'maximum number of records, at most 10000; default: 1000' },
  expect: { value: 'FILE', about: 'compare the results with this file' },
  save: { value: 'FILE', about: 'write the results to this file, for --expect' },
  options: { value: 'JSON', about: "the handler's options, instead of those of the configuration" },
  filter: { value: 'JSON', about: "the handler's filter, instead of that of the configuration" },
  name: { value: 'NAME', about: 'which handler, if the configuration has several of this file' },
  log: {
    value: 'LEVEL',
    about: 'print its log from this level on, to standard error; default: warn',
  },
  ...kafkaFlags,
} as const satisfies FlagTable
