import { OccError } from '../../kernel/errors.ts'
import { explain } from '../errors.ts'
import { errorName } from '../protocol/index.ts'
import type { MemberOptions } from '../types.ts'

/** What is known of the group where a broker refuses a member. */
export interface GroupFacts {
  /** The strategy of the group as it is; null: not known. */
  readonly protocol: string | null
  readonly protocolType: string | null
}

/** What version 0.1.0 of this service called its own, as no client of Kafka does. */
const FORMER_STRATEGY = 'OnchainConsumerSticky'

/** An error code of a broker as an error in a user's words. */
export function refusal(code: number, doing: string): OccError {
  const name = errorName(code)
  return explain(Object.assign(new Error(name), { type: name }), doing)
}

/**
 * Why a broker does not let this member into the group. Those that only a change of configuration
 * mends are not retriable, and name the key, the value and the remedy.
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
        `The broker refuses kafka.sessionTimeout (${sessionTimeout} ms) for ${group}: it is out of its ` +
          'range, group.min.session.timeout.ms to group.max.session.timeout.ms (6 s to 30 min unless set). ' +
          'Set kafka.sessionTimeout to a value in between.',
      )
    case 'GROUP_MAX_SIZE_REACHED':
      return new OccError(
        'OCC_GROUP_FULL',
        `The broker lets no more members into ${group}: it is full (group.max.size of the broker). ` +
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
        `The broker does not take kafka.groupId "${groupId}". Set another name.`,
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
      `Members of ${group} are no consumers but of the type "${protocolType}" (such as Kafka Connect). ` +
      'Set kafka.groupId to a name of its own.'
    )
  }
  if (protocol === FORMER_STRATEGY) {
    return (
      `Members of ${group} are version 0.1.0 of this service, whose strategy is not spoken any more. ` +
      'Scale it to 0 once, wait until the group is empty, and start this version: committed offsets stay.'
    )
  }
  const theirs =
    protocol === null || protocol === ''
      ? 'strategies that are not known here'
      : `the strategy "${protocol}"`
  return (
    `Other members of ${group} use ${theirs}, and kafka.assignmentStrategy offers ${assignors.join(', ')}: ` +
    'there is none in common. Add theirs to kafka.assignmentStrategy (docs/scaling.md tells how a group ' +
    'moves from one to another without stopping), or set another kafka.groupId.'
  )
}
