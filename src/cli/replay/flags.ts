import { configFlag } from '../commands/define-command.ts'

export const replayFlags = {
  from: {
    value: 'TIME',
    about: 'records from then on: an age (2h), or 2026-01-31T12:00:00Z',
  },
  to: { value: 'TIME', about: 'records before then; default: now' },
  topic: { value: 'NAME', about: 'only this topic; default: all of kafka.topics' },
  handler: { value: 'NAME', about: 'only this handler; default: all' },
  progress: {
    value: 'FILE',
    about: 'keep the progress in this file, and continue from it if it exists',
  },
  'dry-run': { about: 'say what filters and handlers would do; nothing is sent to a sink' },
  ...configFlag,
} as const
