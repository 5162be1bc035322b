import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

/**
 * One kind of request to a broker and its answer. Error codes in answers stay numbers, because
 * their meaning depends on the caller. Source of all formats: https://kafka.apache.org/protocol
 */
export interface Api<Request, Response> {
  readonly name: string
  readonly key: number
  /** Supported versions, ascending; the highest that the broker also supports is used. */
  readonly versions: readonly number[]
  encode(writer: Writer, request: Request, version: number): void
  /** @throws OccError OCC_PROTOCOL */
  decode(reader: Reader, version: number): Response
  /** From this version on, the headers have tagged fields. */
  readonly flexibleFrom?: number
}

/** Throttle time: milliseconds for which the broker wants no requests. */
export interface Throttled {
  readonly throttle: number
}

/** Replica id of a client that is not a broker. */
export const NO_REPLICA = -1
