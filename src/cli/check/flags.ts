import { configFlag } from '../commands/define-command.ts'

export const checkFlags = {
  ...configFlag,
  offline: { about: 'make no connections; implies --no-open' },
  'no-open': { about: "do not call the handlers' open() and close()" },
} as const
