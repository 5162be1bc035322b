import type { EventChapter } from './chapter.ts'

export const group = {
  title: 'The group, topics and offsets',
  events: {
    'group.rebalanced': {
      level: 'info',
      meaning: 'A generation has begun; says how many partitions came and go.',
    },
    'group.assigned': {
      level: 'debug',
      meaning: 'This member leads the group, and has assigned all partitions.',
    },
    'group.unreadable': {
      level: 'debug',
      meaning: 'Lag and members of the whole group cannot be read; each new reason once.',
    },
    'subscription.unreadable': {
      level: 'error',
      meaning: 'Another member of the group cannot be understood, and is assigned nothing.',
    },
    'member.restarting': {
      level: 'warn',
      meaning: 'The membership failed, and the member joins again.',
    },
    'member.rejoining': {
      level: 'debug',
      meaning: 'The member joins again, for the reason in the text.',
    },
    'member.leave-failed': {
      level: 'debug',
      meaning:
        'The group was not told that the member leaves: it finds out by the session timeout.',
    },
    'partitions.assigned': {
      level: 'info',
      meaning: 'Partitions came, and it is known where each begins.',
    },
    'partitions.revoked': {
      level: 'info',
      meaning: 'Partitions go to other members; what was finished is committed.',
    },
    'partitions.lost': {
      level: 'warn',
      meaning: 'The membership is over: what was in flight is handled again by the next owner.',
    },
    'topic.missing': {
      level: 'warn',
      meaning: 'A topic does not exist; said once, and it is waited for.',
    },
    'topic.recreated': {
      level: 'error',
      meaning: 'A topic was made anew since its offset was committed: begins at its first record.',
    },
    'offsets.begun': {
      level: ['info', 'warn'],
      meaning:
        'Partitions had no committed offset; a warning where records are skipped, or it expired.',
    },
    'offsets.failed': {
      level: 'debug',
      meaning: 'The start offsets could not be read; it is tried again.',
    },
    'commit.failed': {
      level: 'warn',
      meaning: 'A commit failed; the next one has its offsets, too.',
    },
    'commit.fenced': {
      level: 'warn',
      meaning: 'A commit was refused, because the group has moved on.',
    },
    'commit.late': { level: 'warn', meaning: 'The last commit of a drain did not end in time.' },
    'member.not-left': {
      level: 'warn',
      meaning:
        'The group was not told that a member leaves: its partitions wait for its session to time out.',
    },
  },
} as const satisfies EventChapter
