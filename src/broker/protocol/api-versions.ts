import type { Api, Throttled } from './api.ts'

export interface ApiVersionRange {
  readonly key: number
  readonly min: number
  readonly max: number
}

export interface ApiVersionsResponse extends Throttled {
  readonly error: number
  readonly apis: readonly ApiVersionRange[]
}

/** Every broker accepts version 0, so each connection starts with it. */
export const apiVersionsApi: Api<Record<never, never>, ApiVersionsResponse> = {
  name: 'ApiVersions',
  key: 18,
  versions: [0, 2],
  encode() {},
  decode(reader, version) {
    const error = reader.int16()
    const apis = reader.array(() => ({
      key: reader.int16(),
      min: reader.int16(),
      max: reader.int16(),
    }))
    return { throttle: version >= 1 ? reader.int32() : 0, error, apis }
  },
}
