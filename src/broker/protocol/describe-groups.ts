import type { Api, Throttled } from './api.ts'

export interface DescribeGroupsRequest {
  readonly groups: readonly string[]
}

export interface DescribedMember {
  readonly memberId: string
  /** null: dynamic, or the broker does not report it. */
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  /** Its subscription, in the format of the group's protocol. */
  readonly metadata: Buffer
  readonly assignment: Buffer
}

export interface DescribeGroupsResponse extends Throttled {
  readonly groups: ReadonlyArray<{
    readonly error: number
    readonly groupId: string
    readonly state: string
    readonly protocolType: string
    readonly protocol: string
    readonly members: readonly DescribedMember[]
  }>
}

export const describeGroupsApi: Api<DescribeGroupsRequest, DescribeGroupsResponse> = {
  name: 'DescribeGroups',
  key: 15,
  versions: [3, 4],
  encode(writer, { groups }) {
    // Without authorized operations.
    writer.array(groups, (group) => writer.string(group)).boolean(false)
  },
  decode: (reader, version) => ({
    throttle: reader.int32(),
    groups: reader.array(() => {
      const group = {
        error: reader.int16(),
        groupId: reader.string(),
        state: reader.string(),
        protocolType: reader.string(),
        protocol: reader.string(),
        members: reader.array(() => ({
          memberId: reader.string(),
          groupInstanceId: version >= 4 ? reader.nullableString() : null,
          clientId: reader.string(),
          clientHost: reader.string(),
          metadata: reader.bytes(),
          assignment: reader.bytes(),
        })),
      }
      reader.int32() // what may be done with it
      return group
    }),
  }),
}
