import type { FlagTable } from '../arguments.ts'
import { kafkaFlags } from '../commands/kafka-flags.ts'

export const testFlags = {
  file: { value: 'FILE', about: 'samples, as of handler test: about the first event that passes' },
  'dry-run': { about: 'print what would be sent' },
  config: kafkaFlags.config,
} as const satisfies FlagTable

export const dryRunFlags = {
  since: { value: 'TIME', about: 'records from then on: 2h, or 2026-01-31T12:00:00Z' },
  topic: { value: 'NAME', about: 'only this topic; default: all that the rule is about' },
  count: { value: 'N', about: 'maximum number of records a topic; default: 100000' },
  ...kafkaFlags,
} as const satisfies FlagTable
