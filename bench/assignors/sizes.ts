import { gzipSync, zstdCompressSync } from 'node:zlib'
import {
  encodeAssignment,
  encodeSubscription,
  type GroupAssignment,
  type MemberSubscription,
} from '../../src/broker/group/assignors/index.ts'
import type { AssignorName } from '../../src/broker/types.ts'

export interface Sizes {
  /** What the leader is sent: every member's id and metadata. */
  readonly joinResponse: number
  /** What the leader sends: every member's id and assignment. */
  readonly syncRequest: number
  /** The group's record in __consumer_offsets: all that, and where each member is. */
  readonly record: number
  readonly recordGzip: number
  readonly recordZstd: number
}

/** In bytes, by the schemas of JoinGroup v9, SyncGroup v5 and GroupMetadataValue v3. */
export function sizesOf(
  members: readonly MemberSubscription[],
  assignment: GroupAssignment,
  assignor: AssignorName,
): Sizes {
  let joinResponse = 40
  let syncRequest = 80
  const parts: Buffer[] = [Buffer.alloc(80)]
  for (const member of members) {
    const subscription = encodeSubscription(member, assignor)
    const assigned = encodeAssignment(assignment.get(member.memberId) ?? new Map())
    const id = Buffer.byteLength(member.memberId)
    joinResponse += 2 + id + 1 + 3 + subscription.length + 1
    syncRequest += 2 + id + 3 + assigned.length + 1
    const client = Buffer.from('onchain-consumer/10.244.103.217')
    parts.push(
      Buffer.from(member.memberId),
      client,
      Buffer.alloc(2 + 2 + 2 + 2 + 4 + 4 + 4 + 4),
      subscription,
      assigned,
    )
  }
  const record = Buffer.concat(parts)
  return {
    joinResponse,
    syncRequest,
    record: record.length,
    recordGzip: gzipSync(record).length,
    recordZstd: zstdCompressSync(record).length,
  }
}
