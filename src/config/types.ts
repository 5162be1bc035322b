import type { Settings } from './schema/index.ts'

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T

/** Exactly one of `username` and `usernameFile` is set. */
export interface SaslConfig {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
  readonly username?: string | undefined
  readonly usernameFile?: string | undefined
  readonly passwordFile: string
}

export interface TlsConfig {
  readonly caFile?: string | undefined
  readonly certificateFile?: string | undefined
  readonly keyFile?: string | undefined
  readonly keyPassphraseFile?: string | undefined
  /** `full`: chain and host name. `ca`: chain only. The chain is always verified. */
  readonly verify: 'full' | 'ca'
}

type KafkaSettings = DeepReadonly<Omit<Settings['kafka'], 'sasl' | 'tls' | 'properties'>>

export interface KafkaConfig extends KafkaSettings {
  /** Undefined unless the security protocol begins with SASL. */
  readonly sasl: SaslConfig | undefined
  /** Undefined unless the security protocol ends with SSL. */
  readonly tls: TlsConfig | undefined
}

type DeadLetterSettings = DeepReadonly<Settings['deadLetters']>

export interface DeadLettersConfig extends Omit<DeadLetterSettings, 'kafka'> {
  readonly kafka: Omit<DeadLetterSettings['kafka'], 'sasl' | 'tls'> & {
    /** Of the other cluster; undefined if there is none, or its protocol needs none. */
    readonly sasl: SaslConfig | undefined
    readonly tls: TlsConfig | undefined
  }
}

/**
 * `sasl` and `tls` of the sink's own cluster; undefined if it has none, or its protocol needs none.
 */
type WithSecurity<Sink> = Sink extends { readonly sasl: unknown; readonly tls: unknown }
  ? Omit<Sink, 'sasl' | 'tls'> & {
      readonly sasl: SaslConfig | undefined
      readonly tls: TlsConfig | undefined
    }
  : Sink

/** One of the types of config/schema/sinks/, discriminated by `type`. */
export type SinkConfig = WithSecurity<DeepReadonly<Settings['sinks'][string]>>

type FlowSettings = DeepReadonly<Settings['flow']>

export interface FlowConfig extends Omit<FlowSettings, 'maxBytes'> {
  readonly maxBytes: number
}

/** Valid and frozen. Durations are in milliseconds, sizes in bytes, file paths absolute. */
export interface Config
  extends DeepReadonly<Omit<Settings, 'kafka' | 'deadLetters' | 'sinks' | 'flow'>> {
  readonly flow: FlowConfig
  readonly kafka: KafkaConfig
  readonly sinks: Readonly<Record<string, SinkConfig>>
  readonly deadLetters: DeadLettersConfig
}
