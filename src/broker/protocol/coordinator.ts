import type { Api, Throttled } from './api.ts'

export interface FindCoordinatorRequest {
  readonly groupId: string
}

export interface FindCoordinatorResponse extends Throttled {
  readonly error: number
  readonly message: string | null
  readonly id: number
  readonly host: string
  readonly port: number
}

/** Type of coordinator: groups; 1 would be transactions. */
const OF_GROUP = 0

export const findCoordinatorApi: Api<FindCoordinatorRequest, FindCoordinatorResponse> = {
  name: 'FindCoordinator',
  key: 10,
  versions: [1, 2],
  encode(writer, { groupId }) {
    writer.string(groupId).int8(OF_GROUP)
  },
  decode: (reader) => ({
    throttle: reader.int32(),
    error: reader.int16(),
    message: reader.nullableString(),
    id: reader.int32(),
    host: reader.nullableString() ?? '',
    port: reader.int32(),
  }),
}
