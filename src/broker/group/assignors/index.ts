import type { AssignorName } from '../../types.ts'
import type { Assignor } from './assignor.ts'
import { cooperativeSticky } from './cooperative.ts'
import { range } from './range.ts'
import { roundrobin } from './roundrobin.ts'
import { sticky } from './sticky.ts'

export { decodeAssignment, encodeAssignment } from './assignment.ts'
export type {
  Assignor,
  GroupAssignment,
  MemberSubscription,
  TopicPartitions,
} from './assignor.ts'
export { decodeSubscription, encodeSubscription, type Subscription } from './subscription.ts'

/** By their names in the protocol. */
export const assignors: Readonly<Record<AssignorName, Assignor>> = {
  'cooperative-sticky': cooperativeSticky,
  sticky,
  range,
  roundrobin,
}
