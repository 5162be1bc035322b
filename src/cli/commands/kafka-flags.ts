import type { FlagTable } from '../arguments.ts'
import { configFlag } from './define-command.ts'

/** Where to read records, for commands that are no member of a group. */
export const kafkaFlags = {
  brokers: {
    value: 'HOST:PORT,...',
    about: 'brokers to connect to, instead of those of the configuration',
  },
  ...configFlag,
} as const satisfies FlagTable
