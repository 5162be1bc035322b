import type { ErrorChapter } from './chapter.ts'

export const group = {
  title: 'Topics and the consumer group',
  introduction:
    'At the first start, what is not retriable ends the process; once it has been a member, it is tried again.',
  codes: {
    OCC_TOPIC_UNKNOWN: {
      meaning: 'The topic does not exist on the brokers.',
      remedy: 'Check `kafka.topics`, or create the topic.',
      retriable: 'yes',
    },
    OCC_TOPIC_NOT_AUTHORIZED: {
      meaning: 'The user may not read the topic.',
      remedy: 'Check `kafka.topics`, and the rights of the user with whoever runs the broker.',
      retriable: 'no',
    },
    OCC_TOPIC_MADE_ANEW: {
      meaning: 'The topic was deleted and made anew while it was read.',
      remedy: 'None: it is read from its first record.',
      retriable: 'yes',
    },
    OCC_GROUP_NOT_AUTHORIZED: {
      meaning: 'The user may not use the consumer group.',
      remedy: 'Check `kafka.groupId`: many providers want it to begin with the user name.',
      retriable: 'no',
    },
    OCC_GROUP_ID: {
      meaning: 'The broker does not accept the name of the group.',
      remedy: 'Set another `kafka.groupId`.',
      retriable: 'no',
    },
    OCC_GROUP_STRATEGY: {
      meaning: 'The group has no assignment strategy in common with this member.',
      remedy:
        'Add theirs to `kafka.assignmentStrategy` ([scaling](scaling.md)), or use another `kafka.groupId`.',
      retriable: 'no',
    },
    OCC_GROUP_FULL: {
      meaning: 'The group has as many members as the broker allows.',
      remedy: 'Run fewer pods, lower `kafka.consumers`, or raise `group.max.size` of the broker.',
      retriable: 'no',
    },
    OCC_SESSION_TIMEOUT: {
      meaning: 'The broker refuses `kafka.sessionTimeout`.',
      remedy: 'Set it to a value between the limits of the broker.',
      retriable: 'no',
    },
    OCC_INSTANCE_FENCED: {
      meaning:
        'Another member has taken the same `kafka.groupInstanceId`. Always ends the process.',
      remedy: 'Give each member a name of its own: in Kubernetes, use a StatefulSet.',
      retriable: 'no',
    },
    OCC_COORDINATOR_UNAVAILABLE: {
      meaning: 'The coordinator of the group is moving, or loads the group.',
      remedy: 'None, unless it lasts: then look at the brokers.',
      retriable: 'yes',
    },
    OCC_SUBSCRIPTION_UNREADABLE: {
      meaning: 'The subscription of another member is not in the form of the consumer protocol.',
      remedy: 'Stop that member, or give it a group of its own. It is assigned nothing.',
      retriable: 'no',
    },
    OCC_ASSIGNMENT_UNREADABLE: {
      meaning: "What the group's leader assigned is not in the form of the consumer protocol.",
      remedy: 'See which client leads the group, and give it a group of its own.',
      retriable: 'no',
    },
    OCC_MEMBER: {
      meaning: 'The membership failed for an unforeseen reason; the member joins again.',
      remedy: 'See the message; report it if it comes again.',
      retriable: 'yes',
    },
    OCC_BROKER_LOST: {
      meaning: 'Nothing could be consumed for longer than `kafka.restartWindow`; the process ends.',
      remedy: 'See the reason in the message, and look at the brokers.',
      retriable: 'no',
    },
  },
} as const satisfies ErrorChapter
