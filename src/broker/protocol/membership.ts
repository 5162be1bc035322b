import type { Api, Throttled } from './api.ts'

const CONSUMER = 'consumer'
const NOTHING = Buffer.alloc(0)

export interface JoinGroupRequest {
  readonly groupId: string
  /** Milliseconds. */
  readonly sessionTimeout: number
  readonly rebalanceTimeout: number
  /** Empty at the first join. */
  readonly memberId: string
  readonly groupInstanceId: string | null
  /** In order of preference; the metadata is the member's subscription. */
  readonly protocols: ReadonlyArray<{ readonly name: string; readonly metadata: Buffer }>
}

export interface JoinedMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly metadata: Buffer
}

export interface JoinGroupResponse extends Throttled {
  readonly error: number
  readonly generation: number
  readonly protocol: string
  readonly leaderId: string
  readonly memberId: string
  /** All members if this one is the leader, otherwise empty. */
  readonly members: readonly JoinedMember[]
}

export const joinGroupApi: Api<JoinGroupRequest, JoinGroupResponse> = {
  name: 'JoinGroup',
  key: 11,
  versions: [5],
  encode(writer, request) {
    writer
      .string(request.groupId)
      .int32(request.sessionTimeout)
      .int32(request.rebalanceTimeout)
      .string(request.memberId)
      .nullableString(request.groupInstanceId)
      .string(CONSUMER)
      .array(request.protocols, ({ name, metadata }) => writer.string(name).bytes(metadata))
  },
  decode: (reader) => ({
    throttle: reader.int32(),
    error: reader.int16(),
    generation: reader.int32(),
    // Some brokers send null with an error.
    protocol: reader.nullableString() ?? '',
    leaderId: reader.nullableString() ?? '',
    memberId: reader.nullableString() ?? '',
    members: reader.array(() => ({
      memberId: reader.string(),
      groupInstanceId: reader.nullableString(),
      metadata: reader.bytes(),
    })),
  }),
}

/** The sender, as a member of one generation. */
export interface MemberIdentity {
  readonly groupId: string
  readonly generation: number
  readonly memberId: string
  readonly groupInstanceId: string | null
}

export interface SyncGroupRequest extends MemberIdentity {
  /** From the leader only; empty from others. */
  readonly assignments: ReadonlyArray<{ readonly memberId: string; readonly assignment: Buffer }>
}

export interface SyncGroupResponse extends Throttled {
  readonly error: number
  /** Empty with an error. */
  readonly assignment: Buffer
}

export const syncGroupApi: Api<SyncGroupRequest, SyncGroupResponse> = {
  name: 'SyncGroup',
  key: 14,
  versions: [3],
  encode(writer, request) {
    writer
      .string(request.groupId)
      .int32(request.generation)
      .string(request.memberId)
      .nullableString(request.groupInstanceId)
      .array(request.assignments, ({ memberId, assignment }) =>
        writer.string(memberId).bytes(assignment),
      )
  },
  decode: (reader) => ({
    throttle: reader.int32(),
    error: reader.int16(),
    assignment: reader.nullableBytes() ?? NOTHING,
  }),
}

export interface ErrorResponse extends Throttled {
  readonly error: number
}

export const heartbeatApi: Api<MemberIdentity, ErrorResponse> = {
  name: 'Heartbeat',
  key: 12,
  versions: [3],
  encode(writer, request) {
    writer
      .string(request.groupId)
      .int32(request.generation)
      .string(request.memberId)
      .nullableString(request.groupInstanceId)
  },
  decode: (reader) => ({ throttle: reader.int32(), error: reader.int16() }),
}

/** One member; the API allows several. */
export type LeaveGroupRequest = Omit<MemberIdentity, 'generation'>

export const leaveGroupApi: Api<LeaveGroupRequest, ErrorResponse> = {
  name: 'LeaveGroup',
  key: 13,
  versions: [3],
  encode(writer, request) {
    writer.string(request.groupId).array([request], ({ memberId, groupInstanceId }) => {
      writer.string(memberId).nullableString(groupInstanceId)
    })
  },
  decode(reader) {
    const throttle = reader.int32()
    const error = reader.int16()
    const [own = error] = reader.array(() => {
      reader.nullableString() // member id
      reader.nullableString() // group instance id
      return reader.int16()
    })
    return { throttle, error: error === 0 ? own : error }
  },
}
