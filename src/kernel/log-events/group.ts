import type { EventChapter } from './chapter.ts'

export const group = {
  title: 'The group, topics and offsets',
  events: {
    'group.rebalanced': {
      level: 'info',
      meaning:
        'A new generation has started; the line has the numbers of gained and lost partitions.',
    },
    'group.assigned': {
      level: 'debug',
      meaning: 'This member is the group leader, and has assigned all partitions.',
    },
    'group.unreadable': {
      level: 'debug',
      meaning:
        'The lag and the members of the whole group cannot be read; once for each new reason.',
    },
    'subscription.unreadable': {
      level: 'error',
      meaning: 'The subscription of another member cannot be read; it is assigned no partitions.',
    },
    'member.restarting': {
      level: 'warn',
      meaning: 'The membership failed, and the member rejoins.',
    },
    'member.rejoining': {
      level: 'debug',
      meaning: 'The member rejoins, for the reason in the text.',
    },
    'member.leave-failed': {
      level: 'debug',
      meaning:
        'The group could not be told that the member leaves: it notices at the session timeout.',
    },
    'offsets.moved': {
      level: 'warn',
      meaning:
        'An operator has set the offset of a partition: it continues at `to`, not at `from`.',
    },
    'offsets.skipped': {
      level: 'warn',
      meaning: 'An operator has passed by the records `from` to `to`, which nobody handled.',
    },
    'partitions.assigned': {
      level: 'info',
      meaning: 'Partitions were assigned, and their start offsets are known.',
    },
    'partitions.revoked': {
      level: 'info',
      meaning: 'Partitions move to other members; finished records are committed.',
    },
    'partitions.lost': {
      level: 'warn',
      meaning:
        'The membership ended without a commit: the next owner handles what was in flight again.',
    },
    'offsets.differ': {
      level: ['info', 'warn'],
      meaning:
        'With `offsets.store: postgres`: the table decides where these partitions begin, and Kafka had other offsets. A warning if the table is behind Kafka, as after a restore of the database: these records are handled again.',
    },
    'offsets.taken-over': {
      level: 'info',
      meaning:
        "The table of `offsets.store: postgres` had no offset for these partitions yet: Kafka's are taken over.",
    },
    'offsets.doubt': {
      level: 'warn',
      meaning:
        'The answer of PostgreSQL to a commit was lost, with `offsets.store: postgres`. The transaction is run again, which shows whether it was made; its partitions wait until then.',
    },
    'offsets.unrecorded': {
      level: 'warn',
      meaning:
        'Committed offsets cannot be written to the table of `offsets.record`; written once until it works again. The stream goes on, and they are written later.',
    },
    'offsets.recorded': {
      level: 'info',
      meaning: 'Committed offsets are written to the table of `offsets.record` again.',
    },
    'offsets.fenced': {
      level: 'warn',
      meaning:
        'Another process has claimed a partition in the table of offsets. This one gives up what is in flight; nothing of it was written. If it happens again and again, two services use the same group and table.',
    },
    'topic.missing': {
      level: 'warn',
      meaning: 'A topic does not exist; written once, and the service waits for the topic.',
    },
    'topic.recreated': {
      level: 'error',
      meaning:
        'A topic was recreated since its offset was committed: it is read from its first record.',
    },
    'offsets.begun': {
      level: ['info', 'warn'],
      meaning:
        'Partitions had no committed offset; a warning if records are skipped or the offset expired.',
    },
    'offsets.failed': {
      level: 'debug',
      meaning: 'The start offsets could not be read; this is retried.',
    },
    'commit.failed': {
      level: 'warn',
      meaning: 'A commit failed; the next one includes its offsets.',
    },
    'commit.fenced': {
      level: 'warn',
      meaning: 'A commit was refused, because the group is in a newer generation.',
    },
    'commit.late': { level: 'warn', meaning: 'The last commit of a drain did not end in time.' },
    'member.not-left': {
      level: 'warn',
      meaning:
        'The group could not be told that a member leaves: its partitions wait for the session timeout.',
    },
  },
} as const satisfies EventChapter
