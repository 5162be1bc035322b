import type { FlagTable } from '../../src/cli/arguments.ts'

export const checkFlags = {
  released: { about: 'also: CHANGELOG.md has a dated heading of this version' },
} as const satisfies FlagTable

export const bumpFlags = {
  date: { value: 'DATE', about: 'date in CHANGELOG.md; default: today' },
} as const satisfies FlagTable

export const buildFlags = {
  out: {
    value: 'DIR',
    about: 'keep what is built in this folder; default: a dry run that keeps nothing',
  },
} as const satisfies FlagTable
