import type { ErrorChapter } from './chapter.ts'

export const group = {
  title: 'Topics and the consumer group',
  introduction:
    'An error that is not retriable ends the process before it has first joined the group; later it is retried.',
  codes: {
    OCC_TOPIC_UNKNOWN: {
      meaning: 'The topic does not exist on the brokers.',
      remedy: 'Check `kafka.topics`, or create the topic.',
      retriable: 'yes',
    },
    OCC_TOPIC_NOT_AUTHORIZED: {
      meaning: 'The user may not read the topic.',
      remedy:
        'Check `kafka.topics`, and ask the operator of the broker about the rights of the user.',
      retriable: 'no',
    },
    OCC_TOPIC_MADE_ANEW: {
      meaning: 'The topic was deleted and recreated while it was consumed.',
      remedy:
        'None: it is consumed from its first record. A `read` or `replay` of a range ends there: name a range of the new topic.',
      retriable: 'depends',
    },
    OCC_GROUP_NOT_AUTHORIZED: {
      meaning: 'The user may not use the consumer group.',
      remedy: 'Check `kafka.groupId`: many providers require it to begin with the user name.',
      retriable: 'no',
    },
    OCC_PAUSES_FULL: {
      meaning:
        'The pauses of a topic, or of the handlers, do not fit beside one committed offset any more.',
      remedy:
        'Resume something, give shorter reasons, or raise `offset.metadata.max.bytes` of the brokers.',
      retriable: 'no',
    },
    OCC_GROUP_ID: {
      meaning: 'The broker does not accept the name of the group.',
      remedy: 'Choose another `kafka.groupId`.',
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
      remedy: 'Set a value within the limits of the broker.',
      retriable: 'no',
    },
    OCC_INSTANCE_FENCED: {
      meaning: 'Another member has the same `kafka.groupInstanceId`. This always ends the process.',
      remedy: 'Give each member its own name: in Kubernetes, use a StatefulSet.',
      retriable: 'no',
    },
    OCC_COORDINATOR_UNAVAILABLE: {
      meaning: 'The group coordinator is moving, or is loading the group.',
      remedy: 'None. If it lasts, check the brokers.',
      retriable: 'yes',
    },
    OCC_SUBSCRIPTION_UNREADABLE: {
      meaning: 'The subscription of another member does not follow the consumer protocol.',
      remedy: 'Stop that member, or give it its own group. It is assigned no partitions.',
      retriable: 'no',
    },
    OCC_ASSIGNMENT_UNREADABLE: {
      meaning: 'The assignment by the group leader does not follow the consumer protocol.',
      remedy: 'Find out which client leads the group, and give it its own group.',
      retriable: 'no',
    },
    OCC_MEMBER: {
      meaning: 'The membership failed for an unexpected reason; the member rejoins.',
      remedy: 'See the message; report it if it happens again.',
      retriable: 'yes',
    },
    OCC_BROKER_LOST: {
      meaning:
        'Nothing could be consumed for longer than `kafka.restartWindow`, so the process ends.',
      remedy: 'See the reason in the message, and check the brokers.',
      retriable: 'no',
    },
  },
} as const satisfies ErrorChapter
