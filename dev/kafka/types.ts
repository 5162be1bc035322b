import type { EmbeddedNode, KafkaCluster } from './cluster-types.ts'

/** A user that logs in with SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN, all with the same password. */
export interface KafkaUser {
  readonly username: string
  readonly password: string
}

export interface KafkaOptions {
  /**
   * 1 (default) to 3. Each is a broker; controllers are all of three, and node 1 alone of two: so of
   * three nodes any one may be lost, of two only node 2 (without node 1 no leader is elected).
   */
  readonly nodes?: number
  /**
   * The plaintext listener's port; the others, then the next nodes, take those after it. By default every listener
   * gets a free port of its own.
   */
  readonly port?: number
  /**
   * A further set of listeners for clients that reach this machine by another address, for example
   * pods: `{ host: '10.244.0.1', bind: '0.0.0.0' }`. `bind` defaults to the host itself.
   */
  readonly advertise?: { readonly host: string; readonly bind?: string }
  /** The user of `credentials`. Default: onchain / onchain-secret. */
  readonly user?: KafkaUser
  /** Users besides `user` and `admin`. */
  readonly users?: readonly KafkaUser[]
  /**
   * Turns ACLs on, with everything allowed where no ACL says otherwise. Super users, whom no ACL
   * binds: `admin` and the anonymous clients of the plaintext listeners.
   */
  readonly authorizer?: boolean
  /** Server properties that override or extend ours (dev/kafka/server-properties.ts). */
  readonly properties?: Readonly<Record<string, string>>
  /** Each node's JVM heap, as after -Xmx. Default 512m, and 256m with several nodes. */
  readonly heap?: string
  /**
   * `start` (default): the quickest start, code compiled by C1 only. `throughput`: the JVM's own
   * choices, for benchmarks.
   */
  readonly tune?: 'start' | 'throughput'
  /** Further JVM flags, last, so they win. */
  readonly jvmFlags?: readonly string[]
  /** Level of the broker's own log. Default warn. */
  readonly logLevel?: 'error' | 'warn' | 'info' | 'debug'
  /** Gets each line a broker prints, `[node N] ` in front with several. By default the last lines are kept for error messages only. */
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

/** Paths of PEM files; keys are PKCS#8, EC P-256. The names are those the provider hands out. */
export interface CertificatePaths {
  /** The certificate authority: what a client verifies the broker with (`server.cer.pem`). */
  readonly ca: string
  readonly clientCertificate: string
  readonly clientKey: string
  /** The folder of them all, readable by this user only. */
  readonly folder: string
}

/** `pid` and `brokers` are node 1's; `stop`, `kill`, `start` and `exited` mean all nodes there are. */
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
  /** Everything of this run: data, certificates, server.properties. Gone after close(). */
  readonly folder: string
  /** The broker's process id, undefined while it is stopped. */
  readonly pid: () => number | undefined
  /** Resolves when the (last) running process ends, whoever ended it; at once when none runs. */
  readonly exited: () => Promise<void>
  /** Ends the broker in an orderly way (SIGTERM); data and ports stay. */
  stop(): Promise<void>
  /** SIGKILL, as a crash would; data and ports stay. */
  kill(): Promise<void>
  /** Starts it again after stop() or kill(); resolves when it serves requests. After a kill the
   * controller waits for the dead broker's session to end first (about 3 s). */
  start(): Promise<void>
  /**
   * Makes a new authority and new certificates at the same paths. The broker uses them after its
   * next start; clients that verify with the old authority then fail. `clientNotAfter`: when the
   * client's certificate ends, 30 days from now by default.
   */
  renewCertificates(options?: { readonly clientNotAfter?: Date }): Promise<void>
  /** Ends the process and removes the folder. May be called twice. */
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
  /** Ends the command by SIGKILL when aborted, for those that never end by themselves. */
  readonly signal?: AbortSignal
}

/**
 * Kafka's own command-line tools, each call a JVM start (about 1 s). `--bootstrap-server` with the
 * plaintext listener is put in front of the arguments unless they name one.
 * The promise does not reject for a failed command: look at `code`.
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
