import { OccError } from '../../kernel/errors.ts'
import { explain, protocolError } from '../errors.ts'
import { errorName } from '../protocol/index.ts'
import type { MemberOptions } from '../types.ts'

/** What is known about the group when a broker refuses a member. */
export interface GroupFacts {
  /** The group's present strategy; null: not known. */
  readonly protocol: string | null
  readonly protocolType: string | null
}

/** The strategy name of version 0.1.0 of this service. No other Kafka client uses it. */
const FORMER_STRATEGY = 'OnchainConsumerSticky'

/** Turns a broker's error code into an error with a message for users. */
export function refusal(code: number, doing: string): OccError {
  return explain(protocolError(code), doing)
}

/**
 * Why a broker does not admit this member to the group. Errors that only a configuration change can
 * solve are not retriable, and name the key, the value and the remedy.
 */
export function joinRefusal(
  code: number,
  { groupId, groupInstanceId, assignors, sessionTimeout }: MemberOptions,
  facts: GroupFacts,
): OccError {
  const group = `the group "${groupId}"`
  switch (errorName(code)) {
    case 'INCONSISTENT_GROUP_PROTOCOL':
      return new OccError('OCC_GROUP_STRATEGY', strategyText(group, assignors, facts))
    case 'INVALID_SESSION_TIMEOUT':
      return new OccError(
        'OCC_SESSION_TIMEOUT',
        `The broker refuses kafka.sessionTimeout (${sessionTimeout} ms) for ${group}: it is outside ` +
          'group.min.session.timeout.ms to group.max.session.timeout.ms (6 s to 30 min by default). ' +
          'Set kafka.sessionTimeout to a value within that range.',
      )
    case 'GROUP_MAX_SIZE_REACHED':
      return new OccError(
        'OCC_GROUP_FULL',
        `${group} is full: the broker admits no more members (its group.max.size). ` +
          'Lower kafka.consumers or the number of pods, or raise group.max.size.',
      )
    case 'FENCED_INSTANCE_ID':
      return new OccError(
        'OCC_INSTANCE_FENCED',
        `Another member of ${group} has taken kafka.groupInstanceId "${groupInstanceId}". ` +
          'Give each member a name of its own (in Kubernetes: a StatefulSet, whose pods keep their names).',
      )
    case 'INVALID_GROUP_ID':
      return new OccError(
        'OCC_GROUP_ID',
        `The broker does not accept kafka.groupId "${groupId}". Set another name.`,
      )
    case 'UNSUPPORTED_VERSION':
      return new OccError(
        'OCC_BROKER_TOO_OLD',
        'The broker is too old for the group protocol used here: Apache Kafka 2.4 or newer is needed' +
          `${groupInstanceId === null ? '' : ', or no kafka.groupInstanceId'}.`,
      )
    default:
      return refusal(code, `Joining ${group}`)
  }
}

function strategyText(group: string, assignors: readonly string[], facts: GroupFacts): string {
  const { protocol, protocolType } = facts
  if (protocolType !== null && protocolType !== '' && protocolType !== 'consumer') {
    return (
      `The members of ${group} are not consumers but of the type "${protocolType}" (as in Kafka Connect). ` +
      'Set kafka.groupId to a name that nothing else uses.'
    )
  }
  if (protocol === FORMER_STRATEGY) {
    return (
      `Members of ${group} are version 0.1.0 of this service, whose strategy is no longer supported. ` +
      'Scale it to 0 once, wait until the group is empty, and start this version: committed offsets stay.'
    )
  }
  const theirs =
    protocol === null || protocol === '' ? 'unknown strategies' : `the strategy "${protocol}"`
  return (
    `Other members of ${group} use ${theirs}, and kafka.assignmentStrategy offers ${assignors.join(', ')}: ` +
    'they have none in common. Add theirs to kafka.assignmentStrategy (docs/scaling.md explains how a group ' +
    'moves from one to another without stopping), or set another kafka.groupId.'
  )
}
