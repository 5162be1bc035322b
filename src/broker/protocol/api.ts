import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

/**
 * One kind of request to a broker and its answer. Error codes in answers stay numbers: what they
 * mean depends on who asked. Source of all formats: https://kafka.apache.org/protocol
 */
export interface Api<Request, Response> {
  readonly name: string
  readonly key: number
  /** Versions written here, ascending; the highest that the broker offers too is used. */
  readonly versions: readonly number[]
  encode(writer: Writer, request: Request, version: number): void
  /** @throws OccError OCC_PROTOCOL */
  decode(reader: Reader, version: number): Response
  /** Header of request and response with tagged fields from this version on. */
  readonly flexibleFrom?: number
}

/** Milliseconds for which the broker asks not to be asked again. */
export interface Throttled {
  readonly throttle: number
}

/** Replica id of whoever is not a broker. */
export const NO_REPLICA = -1
