import { OccError } from '../../../kernel/errors.ts'
import type { AssignorName } from '../../types.ts'
import { compareText, type MemberSubscription } from './assignor.ts'
import * as wire from './wire.ts'

/**
 * The newest version, which Java, librdkafka and franz-go write: 1 added the owned partitions, 2
 * the generation, 3 the rack. Older readers stop before fields they do not know.
 */
const VERSION = 3

export type Subscription = Pick<MemberSubscription, 'topics' | 'owned' | 'generation' | 'rackId'>

type Claims = Pick<MemberSubscription, 'owned' | 'generation'>

/**
 * The metadata of a protocol in JoinGroup, byte for byte as Java's consumer writes it.
 * @param subscription `owned` is what it had before, even if it has given it up for an eager join
 */
export function encodeSubscription(subscription: Subscription, assignor: AssignorName): Buffer {
  const { topics, owned, generation, rackId } = subscription
  const sorted = [...new Set(topics)].sort(compareText)
  // An eager member owns nothing when it joins: `sticky` puts its former partitions in the user
  // data.
  const stillOwned = assignor === 'cooperative-sticky' ? owned : new Map<string, number[]>()
  return Buffer.concat([
    wire.int16(VERSION),
    wire.strings(sorted),
    wire.nullableBytes(encodeUserData(subscription, assignor)),
    wire.topicPartitions(stillOwned),
    wire.int32(generation),
    wire.nullableString(rackId || null),
  ])
}

function encodeUserData({ owned, generation }: Claims, assignor: AssignorName): Buffer | null {
  if (assignor === 'cooperative-sticky') return wire.int32(generation)
  if (assignor !== 'sticky') return null
  if (generation < 0 && owned.size === 0) return null
  return Buffer.concat([wire.topicPartitions(owned), wire.int32(generation)])
}

/**
 * Reads the subscription of a member of any client and version. Only its topics must be readable.
 * Truncated or garbled claims are ignored: the member is then treated like a new one.
 * @param protocol the one that the broker chose: it determines where the claims are
 * @throws OccError OCC_SUBSCRIPTION_UNREADABLE
 */
export function decodeSubscription(
  memberId: string,
  bytes: Buffer,
  protocol: string,
  groupInstanceId: string | null = null,
): MemberSubscription {
  const reader = wire.createWireReader(bytes)
  const { version, topics } = readTopics(reader, memberId, bytes)

  // Uses each field that can be read. Ignoring a cooperative member's partitions would give away
  // what it still consumes, so they are valid even if the generation after them is missing.
  let userData: Buffer | null = null
  let owned: MemberSubscription['owned'] = new Map()
  let generation = -1
  let rackId: string | null = null
  try {
    userData = reader.nullableBytes()
    if (version >= 1) owned = reader.topicPartitions()
    if (version >= 2) generation = reader.int32()
    if (version >= 3) rackId = reader.nullableString() || null
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }

  let claims: Claims = { owned, generation }
  if (protocol === 'sticky') claims = readStickyData(userData)
  else if (generation < 0) claims = { owned, generation: readGeneration(userData) }
  return { memberId, groupInstanceId, topics, rackId, ...claims }
}

function readTopics(reader: wire.WireReader, memberId: string, bytes: Buffer) {
  try {
    const version = reader.int16()
    if (version < 0) throw new RangeError(`version ${version}`)
    return { version, topics: reader.strings() }
  } catch (error) {
    throw new OccError(
      'OCC_SUBSCRIPTION_UNREADABLE',
      `The topics that group member "${memberId}" subscribes to cannot be read: its subscription of ${bytes.length} bytes is not Kafka's consumer protocol. Stop that member, or give it a group of its own`,
      { cause: error },
    )
  }
}

/**
 * User data of `sticky`: the previous assignment, and since Kafka 2.3 its generation. librdkafka
 * and franz-go write it for `cooperative-sticky` too.
 */
function readStickyData(userData: Buffer | null): Claims {
  const reader = wire.createWireReader(userData ?? Buffer.alloc(0))
  try {
    const owned = reader.topicPartitions()
    return { owned, generation: reader.left >= 4 ? reader.int32() : -1 }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return { owned: new Map(), generation: -1 }
  }
}

/**
 * The generation in the user data of `cooperative-sticky`, for clients before protocol version 2.
 */
function readGeneration(userData: Buffer | null): number {
  if (userData?.length === 4) return userData.readInt32BE()
  return readStickyData(userData).generation
}
