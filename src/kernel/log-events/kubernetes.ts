import type { EventChapter } from './chapter.ts'

export const kubernetes = {
  title: 'Kubernetes',
  events: {
    'kubernetes.failed': {
      level: 'error',
      meaning: 'A feature of the section `kubernetes` does not work; each new reason once.',
    },
    'kubernetes.recovered': { level: 'info', meaning: 'That feature works again.' },
    'leader.elected': { level: 'info', meaning: 'This pod has the Lease, and leads.' },
    'leader.lost': { level: 'warn', meaning: 'This pod does not lead any more.' },
    'leader.released': { level: 'info', meaning: 'This pod ends, and gave the Lease up.' },
    'leader.release-failed': {
      level: 'warn',
      meaning: 'The Lease could not be given up: another pod takes it when it has expired.',
    },
    'maximum.changed': {
      level: 'info',
      meaning: 'The maximum of replicas was set to what the partitions allow.',
    },
    'scaling.held': {
      level: 'info',
      meaning:
        'The autoscaler is paused, as more pods would not help: a circuit is open or an operator has paused.',
    },
    'scaling.released': { level: 'info', meaning: 'The autoscaler is no longer paused.' },
  },
} as const satisfies EventChapter
