import { kafkaFlags } from '../commands/kafka-flags.ts'

export const readFlags = {
  until: {
    value: 'PLACE',
    about: 'stop before this place of each partition; default: its end at the start',
  },
  follow: { about: 'do not stop at the end: print what comes, until Ctrl-C' },
  count: { value: 'N', about: 'stop after N records' },
  filter: {
    value: 'JSON',
    about:
      'only records with an event that passes: kinds, chains, addresses,\naddressesFile, addressRole, assets, minAmount, success (docs/handlers.md)',
  },
  grep: { value: 'TEXT', about: 'only records whose decoded value contains the text' },
  json: { about: 'one JSON object a line: a sample for handler test, and for produce' },
  events: { about: 'with --json: the events of each record, too' },
  value: { about: 'only the decoded value, one a line' },
  raw: { about: 'only the bytes of the value, as they are, without separators' },
  ...kafkaFlags,
} as const
