import type { EmbeddedNode, KafkaCluster } from './cluster-types.ts'

/** A user that logs in with SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN, all with the same password. */
export interface KafkaUser {
  readonly username: string
  readonly password: string
}

export interface KafkaOptions {
  /**
   * 1 (default) to 3. Each is a broker. Of three nodes all are controllers, of two only node 1: so
   * any one of three nodes may be lost, but of two only node 2 (without node 1 no leader is
   * elected).
   */
  readonly nodes?: number
  /**
   * The plaintext listener's port; the other listeners and the next nodes take the following ports.
   * By default every listener gets a free port.
   */
  readonly port?: number
  /**
   * Another set of listeners for clients that reach this machine by a different address, for
   * example pods: `{ host: '10.244.0.1', bind: '0.0.0.0' }`. `bind` defaults to the host.
   */
  readonly advertise?: { readonly host: string; readonly bind?: string }
  /** The user of `credentials`. Default: onchain / onchain-secret. */
  readonly user?: KafkaUser
  /** Users in addition to `user` and `admin`. */
  readonly users?: readonly KafkaUser[]
  /**
   * Enables ACLs; everything is allowed unless an ACL says otherwise. Super users, exempt from
   * ACLs: `admin` and the anonymous clients of the plaintext listeners.
   */
  readonly authorizer?: boolean
  /** Server properties that override or extend ours (dev/kafka/nodes/server-properties.ts). */
  readonly properties?: Readonly<Record<string, string>>
  /** Each node's JVM heap, as after -Xmx. Default 512m, or 256m with several nodes. */
  readonly heap?: string
  /**
   * `start` (default): fastest start, code compiled only by C1. `throughput`: the JVM's defaults,
   * for benchmarks.
   */
  readonly tune?: 'start' | 'throughput'
  /** Additional JVM flags, placed last so that they win. */
  readonly jvmFlags?: readonly string[]
  /** Level of the broker's own log. Default warn. */
  readonly logLevel?: 'error' | 'warn' | 'info' | 'debug'
  /**
   * Called for each log line, prefixed with `[node N] ` if there are several. Default: only the
   * last lines are kept, for error messages.
   */
  readonly onLogLine?: (line: string) => void
}

/** `host:port` of each listener. All SASL_SSL listeners require a client certificate. */
export interface KafkaListeners {
  readonly plaintext: string
  /** Its certificate has a common name and no SAN, like the provider's: host names cannot match. */
  readonly saslSsl: string
  /** Its certificate has SANs: localhost, 127.0.0.1, ::1 and the advertised host. */
  readonly saslSslSan: string
}

/** Paths of PEM files; keys are PKCS#8, EC P-256. The names are those used by the provider. */
export interface CertificatePaths {
  /** The certificate authority with which a client verifies the broker (`server.cer.pem`). */
  readonly ca: string
  readonly clientCertificate: string
  readonly clientKey: string
  /** The folder of all files, readable only by this user. */
  readonly folder: string
}

/** `pid` and `brokers` are node 1's; `stop`, `kill`, `start` and `exited` apply to all nodes. */
export interface EmbeddedKafka {
  /** Plaintext addresses of all nodes. */
  readonly bootstrap: readonly string[]
  /** Node 1 first. */
  readonly nodes: readonly EmbeddedNode[]
  readonly cluster: KafkaCluster
  readonly brokers: KafkaListeners & { readonly external?: KafkaListeners }
  readonly credentials: KafkaUser
  readonly admin: KafkaUser
  readonly certificates: CertificatePaths
  readonly tools: KafkaTools
  /** All files of this run: data, certificates, server.properties. Removed by close(). */
  readonly folder: string
  /** The broker's process id; undefined while it is stopped. */
  readonly pid: () => number | undefined
  /** Resolves when the (last) running process ends for any reason; at once if none runs. */
  readonly exited: () => Promise<void>
  /** Shuts the broker down cleanly (SIGTERM); data and ports stay. */
  stop(): Promise<void>
  /** SIGKILL, like a crash; data and ports stay. */
  kill(): Promise<void>
  /** Starts it again after stop() or kill(); resolves when it serves requests. After a kill the
   * controller waits for the dead broker's session to end first (about 3 s). */
  start(): Promise<void>
  /**
   * Creates a new authority and new certificates at the same paths. The broker uses them after its
   * next start; clients that verify with the old authority then fail. `clientNotAfter`: expiry of
   * the client's certificate, by default 30 days from now.
   */
  renewCertificates(options?: { readonly clientNotAfter?: Date }): Promise<void>
  /** Stops the process and removes the folder. May be called twice. */
  close(): Promise<void>
}

export interface ToolResult {
  readonly stdout: string
  readonly stderr: string
  /** Exit code; 128 + n when signal n ended it. */
  readonly code: number
}

export interface ToolOptions {
  readonly stdin?: string | Buffer
  /** Ends the command with SIGKILL when aborted, for commands that never end. */
  readonly signal?: AbortSignal
}

/**
 * Kafka's command-line tools; each call starts a JVM (about 1 s). `--bootstrap-server` with the
 * plaintext listener precedes the arguments unless they name a server. A failed command does not
 * reject: check `code`.
 */
export interface KafkaTools {
  run(className: string, args: readonly string[], options?: ToolOptions): Promise<ToolResult>
  topics(args: readonly string[]): Promise<ToolResult>
  consumerGroups(args: readonly string[]): Promise<ToolResult>
  acls(args: readonly string[]): Promise<ToolResult>
  configs(args: readonly string[]): Promise<ToolResult>
  getOffsets(args: readonly string[]): Promise<ToolResult>
  deleteRecords(args: readonly string[]): Promise<ToolResult>
  producerPerformance(args: readonly string[], options?: ToolOptions): Promise<ToolResult>
  consoleProducer(args: readonly string[], stdin: string | Buffer): Promise<ToolResult>
  consoleConsumer(args: readonly string[], options?: ToolOptions): Promise<ToolResult>
  /** Topic with its own settings, for example `{ 'retention.ms': '1000', 'segment.ms': '500' }`. */
  createTopic(
    topic: string,
    partitions?: number,
    config?: Readonly<Record<string, string>>,
  ): Promise<void>
}
