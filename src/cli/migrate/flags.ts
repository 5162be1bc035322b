import { configFlag } from '../commands/define-command.ts'

export const migrateFlags = {
  ...configFlag,
  yes: { about: 'do it; without it, the SQL is printed and nothing is changed' },
} as const
