import type { EventChapter } from './chapter.ts'

export const kubernetes = {
  title: 'Kubernetes',
  events: {
    'kubernetes.failed': {
      level: 'error',
      meaning: 'A feature of the section `kubernetes` does not work; once for each new reason.',
    },
    'kubernetes.recovered': { level: 'info', meaning: 'That feature works again.' },
    'leader.elected': { level: 'info', meaning: 'This pod has the Lease, and is the leader.' },
    'leader.lost': { level: 'warn', meaning: 'This pod is no longer the leader.' },
    'leader.released': {
      level: 'info',
      meaning: 'This pod is ending, and has released the Lease.',
    },
    'leader.release-failed': {
      level: 'warn',
      meaning: 'The Lease could not be released: another pod takes it over after it expires.',
    },
    'maximum.changed': {
      level: 'info',
      meaning: 'The max replicas were set to the number that the partitions allow.',
    },
    'scaling.held': {
      level: 'info',
      meaning:
        'The autoscaler is paused, because more pods would not help: a circuit is open or an operator has paused something.',
    },
    'scaling.released': { level: 'info', meaning: 'The autoscaler is no longer paused.' },
  },
} as const satisfies EventChapter
