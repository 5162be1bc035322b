import type { ErrorCode } from '../kernel/error-codes/index.ts'
import { messageOf, OccError } from '../kernel/errors.ts'
import type { SocketErrors } from './connection/security.ts'
import { errorName } from './protocol/index.ts'

type Rule = readonly [pattern: RegExp, code: ErrorCode, text: string]

/** Errors that only a change of our or the broker's configuration can solve. */
const CONFIGURATION: readonly Rule[] = [
  [
    /SASL \S+ mechanism is not supported|UNSUPPORTED_SASL_MECHANISM|does not support the requested SASL/i,
    'OCC_SASL_MECHANISM',
    'the broker does not offer this SASL mechanism. Set kafka.sasl.mechanism to one that it does',
  ],
  [
    /ILLEGAL_SASL_STATE|given the current SASL state/i,
    'OCC_SASL_NOT_SPOKEN',
    'the port does not accept a login. Check kafka.securityProtocol and the port in kafka.brokers',
  ],
  [
    /SASL .*authentication failed|SASL_AUTHENTICATION_FAILED|Authentication failed|Invalid username or password/i,
    'OCC_AUTHENTICATION',
    'the broker refused the user name or password. Check kafka.sasl.username and the file of kafka.sasl.passwordFile',
  ],
  [
    // Java reports "bad certificate" for a missing one too.
    /CERTIFICATE_REQUIRED|certificate required|bad.certificate.*no client certificate was shown/is,
    'OCC_TLS_CLIENT_CERTIFICATE_REQUIRED',
    'the broker requires a client certificate. Set kafka.tls.certificateFile and kafka.tls.keyFile',
  ],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID|Hostname\/IP does not match/i,
    'OCC_TLS_HOST_NAME',
    "the broker's certificate is for another host name. If that is how your provider issues it, set kafka.tls.verify to ca",
  ],
  [
    /SELF_SIGNED_CERT|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|self-signed certificate|unable to (verify|get)/i,
    'OCC_TLS_UNKNOWN_CA',
    "the broker's certificate is not signed by a known CA. Set kafka.tls.caFile to the provider's CA",
  ],
  [
    /CERT_HAS_EXPIRED|certificate has expired/i,
    'OCC_TLS_EXPIRED',
    "the broker's certificate (or its CA) has expired. Ask the operator of the broker",
  ],
  [
    /ALERT_UNKNOWN_CA|ALERT_BAD_CERTIFICATE|ALERT_CERTIFICATE_(UNKNOWN|EXPIRED|REVOKED)|alert (unknown ca|bad certificate|certificate unknown|certificate expired)/i,
    'OCC_TLS_CLIENT_CERTIFICATE_REFUSED',
    'the broker refused the client certificate: it is expired, or not issued by a CA that the broker trusts. Check kafka.tls.certificateFile',
  ],
  [
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|wrong version number/i,
    'OCC_TLS_NOT_SPOKEN',
    'the port does not speak TLS. Check kafka.securityProtocol and the port in kafka.brokers',
  ],
  [
    /does not speak Kafka/,
    'OCC_KAFKA_NOT_SPOKEN',
    'the server there does not speak Kafka, or it requires TLS. Check kafka.securityProtocol and the port in kafka.brokers',
  ],
  [
    /GROUP_AUTHORIZATION_FAILED|not authorized to access group/i,
    'OCC_GROUP_NOT_AUTHORIZED',
    'not authorized for the consumer group. Check kafka.groupId: many providers require it to start with the user name',
  ],
  [
    /TOPIC_AUTHORIZATION_FAILED|not authorized to access topics/i,
    'OCC_TOPIC_NOT_AUTHORIZED',
    'not authorized to read the topic. Check kafka.topics, and ask the operator of the broker for the permission',
  ],
]

const PASSING: readonly Rule[] = [
  [
    /INVALID_TOPIC_EXCEPTION/,
    'OCC_TOPIC_UNKNOWN',
    'that is no name of a topic: it has letters, digits, ".", "_" and "-" alone. Check kafka.topics',
  ],
  [
    /UNKNOWN_TOPIC_OR_PARTITION|does not host this topic/i,
    'OCC_TOPIC_UNKNOWN',
    'the topic does not exist on the brokers. Check kafka.topics, or create it',
  ],
  [
    /ENOTFOUND|EAI_AGAIN/,
    'OCC_BROKER_UNREACHABLE',
    'the host name cannot be resolved. Check kafka.brokers; in a pod, the service name and its namespace',
  ],
  [
    /Closed connection|Broker not connected|disconnected before secure TLS|socket hang up|EPIPE/i,
    'OCC_BROKER_CLOSED',
    'the broker closed the connection. If this happens at once, check kafka.securityProtocol and the port in kafka.brokers',
  ],
  [
    /nothing was answered within \d+ ms/,
    'OCC_BROKER_TIMEOUT',
    'connections are accepted but requests are not answered. Check kafka.securityProtocol, the port in kafka.brokers, and that the broker is healthy',
  ],
  [
    // The second pattern is kafkajs's text.
    /no answer within \d+ ms|Request \S+\(.*\) timed out/,
    'OCC_BROKER_TIMEOUT',
    'the broker did not answer in time. It is overloaded or hangs, or the network is slow',
  ],
  [
    /ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ECONNRESET|Connection timeout/,
    'OCC_BROKER_UNREACHABLE',
    'no broker answers there. Check kafka.brokers and that the broker is up; in a pod, localhost is the pod itself',
  ],
]

/** Rules for writers, checked before the others. */
const WRITING: readonly Rule[] = [
  [
    /TOPIC_AUTHORIZATION_FAILED|not authorized to access topics/i,
    'OCC_TOPIC_WRITE_NOT_AUTHORIZED',
    'this user may not write to the topic: it needs Write on it (an ACL), which many providers of streams do not offer. Name another topic, or a cluster of your own',
  ],
  [
    /UNKNOWN_TOPIC_OR_PARTITION|does not host this topic/i,
    'OCC_TOPIC_UNKNOWN',
    'the topic does not exist on the brokers. Create it, or name another',
  ],
  [
    /MESSAGE_TOO_LARGE|RECORD_LIST_TOO_LARGE|message larger than the max message size/i,
    'OCC_RECORD_TOO_LARGE',
    'the record is larger than the topic allows. Raise max.message.bytes of the topic',
  ],
  [
    /INVALID_TIMESTAMP|timestamp of the message is out of acceptable range/i,
    'OCC_TIMESTAMP_REFUSED',
    'the topic does not accept the timestamp of the record. See message.timestamp.before.max.ms of the topic',
  ],
]

const NO_COORDINATOR = 'Failed to find group coordinator'

export interface ExplainOptions {
  /** The configuration section of the settings, for the remedies. */
  readonly section?: string | undefined
  readonly writing?: boolean | undefined
  /** See BrokerOptions. */
  readonly givenBy?: Readonly<Record<string, string>> | undefined
}

/**
 * Explains an error of kafkajs or Node, with a remedy. `socketErrors` has the last error of a
 * socket, which says more than what kafkajs makes of it.
 */
export function explain(
  error: unknown,
  doing: string,
  socketErrors?: SocketErrors,
  { section = 'kafka', writing = false, givenBy = {} }: ExplainOptions = {},
): OccError {
  if (error instanceof OccError) return error
  const socket = socketErrors?.last ?? null
  if (socket?.error instanceof OccError) return socket.error
  const texts = [
    ...chain(error),
    ...(messageOf(error) === NO_COORDINATOR ? chain(socketErrors?.coordinator) : []),
    ...(socket === null ? [] : socketTexts(socket)),
  ].join('\n')
  const where = socket === null || doing.includes(socket.address) ? '' : ` (${socket.address})`
  for (const [rules, retriable] of [
    [writing ? WRITING : [], true],
    [CONFIGURATION, false],
    [PASSING, true],
  ] as const) {
    const rule = rules.find(([pattern]) => pattern.test(texts))
    if (rule !== undefined) {
      const [, code, text] = rule
      const remedy = Object.entries(givenBy).reduce(
        (named, [key, name]) => named.replaceAll(key, name),
        text.replaceAll('kafka.', `${section}.`),
      )
      return new OccError(code, `${doing}${where}: ${remedy}. [${messageOf(error)}]`, {
        cause: error,
        retriable,
      })
    }
  }
  return new OccError('OCC_BROKER', `${doing}${where}: ${messageOf(error)}`, {
    cause: error,
    retriable: true,
  })
}

function socketTexts({ error, clientCertificate }: NonNullable<SocketErrors['last']>): string[] {
  return [...chain(error), ...(clientCertificate ? [] : ['no client certificate was shown'])]
}

function* chain(error: unknown): Generator<string> {
  for (let depth = 0; error instanceof Error && depth < 8; depth++) {
    yield error.message
    if ('code' in error && typeof error.code === 'string') yield error.code
    if ('type' in error && typeof error.type === 'string') yield error.type
    error = error.cause
  }
}

/** An error for a code of Kafka's protocol, as kafkajs makes one: the code's name is its `type`. */
export function protocolError(code: number): Error {
  const name = errorName(code)
  return Object.assign(new Error(name), { type: name })
}

/** `type` of a Kafka protocol error, anywhere in the chain of causes. */
export function protocolType(error: unknown): string | null {
  for (let depth = 0; error instanceof Error && depth < 8; depth++) {
    if ('type' in error && typeof error.type === 'string') return error.type
    error = error.cause
  }
  return null
}
