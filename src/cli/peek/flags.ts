import { kafkaFlags } from '../commands/kafka-flags.ts'

export const peekFlags = {
  count: { value: 'N', about: 'number of records, at most 1000; default: 5' },
  since: {
    value: 'TIME',
    about: 'the first ones from then on: 10m, or 2026-01-31T12:00:00Z;\ndefault: the last ones',
  },
  partition: { value: 'N', about: 'only this partition' },
  json: { about: 'one JSON object per line: a sample for handler test' },
  ...kafkaFlags,
} as const
