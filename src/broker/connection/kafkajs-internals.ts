import kafkajs, { type ISocketFactory, type SASLOptions } from 'kafkajs'
import packageJson from 'kafkajs/package.json' with { type: 'json' }
import connection from 'kafkajs/src/network/connection.js'
import requestQueue from 'kafkajs/src/network/requestQueue/index.js'
import encoder from 'kafkajs/src/protocol/encoder.js'

/**
 * Types for the few internals of kafkajs 2.2.4 that this room uses. kafkajs has had no release
 * since 2023 and is pinned to the exact version; test/unit/broker/kafkajs-internals.test.ts fails
 * if one is missing. Nothing outside broker/ uses them.
 */
export interface KafkajsCodec {
  compress(encoder: { buffer: Buffer }): Promise<Buffer>
  decompress(buffer: Buffer): Promise<Buffer>
}

export interface KafkajsRequestQueue {
  throttledUntil: number
  throttleCheckTimeoutId: NodeJS.Timeout | null
  readonly pending: unknown[]
  checkPendingRequests(): void
  scheduleCheckPendingRequests(this: KafkajsRequestQueue): void
}

export interface KafkajsLogger {
  namespace(name: string): KafkajsLogger
  debug(message: string, extra?: Record<string, unknown>): void
  info(message: string, extra?: Record<string, unknown>): void
  warn(message: string, extra?: Record<string, unknown>): void
  error(message: string, extra?: Record<string, unknown>): void
}

/** The request without its header; kafkajs copies `buffer`. */
export interface KafkajsEncoder {
  readonly buf: Buffer
  readonly buffer: Buffer
  size(): number
}

/** Encodes values of records and headers. */
export interface KafkajsEncoderPrototype {
  writeVarIntBytes(this: KafkajsEncoderPrototype, value: Buffer | string | null): unknown
}

export interface KafkajsProtocolRequest<Decoded, Parsed> {
  readonly request: {
    readonly apiKey: number
    readonly apiVersion: number
    readonly apiName: string
    encode(): Promise<KafkajsEncoder>
  }
  readonly response: {
    /** A `clientSideThrottleTime` in the result would delay the next requests. */
    decode(payload: Buffer): Promise<Decoded>
    parse(decoded: Decoded): Promise<Parsed>
  }
  readonly logResponseError?: boolean
}

export interface KafkajsConnectionOptions {
  readonly host: string
  readonly port: number
  readonly clientId: string
  readonly logger: KafkajsLogger
  readonly socketFactory: ISocketFactory
  readonly sasl: SASLOptions | null
  /** Milliseconds. */
  readonly connectionTimeout: number
  readonly requestTimeout: number
  readonly enforceRequestTimeout: boolean
}

/**
 * One socket. `chunks` holds `bytesBuffered` of the `bytesNeeded` bytes of the response being read.
 */
export interface KafkajsConnection {
  chunks: Buffer[]
  bytesBuffered: number
  bytesNeeded: number
  readonly authHandlers: object | null
  readonly requestQueue: { rejectAll(error: Error): void }
  /** How long before a login's session ends it logs in again. Milliseconds. */
  reauthenticationThreshold: number
  /**
   * A Long: the session's lifetime in milliseconds from the login, set by the broker; 0: unlimited.
   */
  readonly sessionLifetime: { toString(): string }
  connect(): Promise<boolean>
  /** The broker's versions by API key, from which `authenticate` chooses. */
  setVersions(versions: Record<number, { minVersion: number; maxVersion: number }>): void
  setSupportAuthenticationProtocol(supported: boolean): void
  authenticate(): Promise<void>
  isConnected(): boolean
  send<Decoded, Parsed>(request: KafkajsProtocolRequest<Decoded, Parsed>): Promise<Parsed>
  processData(chunk: Buffer): void
  disconnect(): Promise<boolean>
}

export const Connection = connection as new (options: KafkajsConnectionOptions) => KafkajsConnection
export const connectionPrototype: KafkajsConnection = Connection.prototype
export const requestQueuePrototype = requestQueue.prototype as KafkajsRequestQueue
export const encoderPrototype = encoder.prototype as KafkajsEncoderPrototype
/** kafkajs exports these in a way that Node does not see as named exports. */
export const compressionCodecs: Record<number, () => KafkajsCodec> = kafkajs.CompressionCodecs
export const topicConfigType: number = kafkajs.ConfigResourceTypes.TOPIC
export const kafkajsVersion: string = packageJson.version
