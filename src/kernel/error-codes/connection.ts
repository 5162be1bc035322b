import type { ErrorChapter } from './chapter.ts'

export const connection = {
  title: 'Connections to the brokers',
  introduction:
    'Keys are those of `kafka`; where another cluster is meant (dead letters, a sink), the message names its section.',
  codes: {
    OCC_BROKER_ADDRESS: {
      meaning: 'An address of a broker is not of the form host:port.',
      remedy: 'Write `host:port`, or `[address]:port` for IPv6, in `kafka.brokers`.',
      retriable: 'no',
    },
    OCC_BROKER_UNREACHABLE: {
      meaning: 'No broker answers at the address, or its name cannot be resolved.',
      remedy: 'Check `kafka.brokers` and that the broker is up; in a pod, localhost is the pod.',
      retriable: 'yes',
    },
    OCC_BROKER_ADVERTISED: {
      meaning: 'The brokers answer, but tell names of themselves that cannot be resolved here.',
      remedy: 'Set `advertised.listeners` of the brokers, or make the names known.',
      retriable: 'depends',
    },
    OCC_BROKER_UNKNOWN: {
      meaning: 'The cluster does not name a broker that is needed, for example while it restarts.',
      remedy: 'None, unless it lasts: then look at the cluster.',
      retriable: 'yes',
    },
    OCC_BROKER_CLOSED: {
      meaning: 'The broker closed the connection.',
      remedy: 'If it does so at once, check `kafka.securityProtocol` and the port.',
      retriable: 'yes',
    },
    OCC_BROKER_TIMEOUT: {
      meaning: 'The broker accepts connections or requests and does not answer in time.',
      remedy: 'If it lasts, look at the load of the broker and at the network; check the port.',
      retriable: 'yes',
    },
    OCC_BROKER_TOO_OLD: {
      meaning: 'The broker does not know a request that is needed.',
      remedy: 'Use Apache Kafka 2.4 or newer, or a broker that speaks its protocol.',
      retriable: 'no',
    },
    OCC_BROKER: {
      meaning: 'The broker, or the client, reports an error that has no code of its own here.',
      remedy: 'See the message and the log of the broker.',
      retriable: 'yes',
    },
    OCC_LINK_CLOSED: {
      meaning: 'This side closed the connection while a request was in flight.',
      remedy: 'None: it is opened again when it is needed.',
      retriable: 'yes',
    },
    OCC_PROTOCOL: {
      meaning: 'An answer of the broker cannot be read: it is cut off or damaged.',
      remedy: 'If it lasts, look at what lies between the process and the broker.',
      retriable: 'yes',
    },
    OCC_KAFKA_NOT_SPOKEN: {
      meaning: 'What answers at the address does not speak Kafka, or wants TLS.',
      remedy: 'Check `kafka.securityProtocol` and the port in `kafka.brokers`.',
      retriable: 'no',
    },
    OCC_SASL_MECHANISM: {
      meaning: 'The broker does not offer the SASL mechanism.',
      remedy: 'Set `kafka.sasl.mechanism` to one that it offers.',
      retriable: 'no',
    },
    OCC_SASL_NOT_SPOKEN: {
      meaning: 'The port does not take a login.',
      remedy: 'Check `kafka.securityProtocol` and the port in `kafka.brokers`.',
      retriable: 'no',
    },
    OCC_AUTHENTICATION: {
      meaning: 'The broker refused the user name or the password.',
      remedy: 'Check `kafka.sasl.username` and the file of `kafka.sasl.passwordFile`.',
      retriable: 'no',
    },
    OCC_TLS_NOT_SPOKEN: {
      meaning: 'The port does not speak TLS.',
      remedy: 'Check `kafka.securityProtocol` and the port in `kafka.brokers`.',
      retriable: 'no',
    },
    OCC_TLS_UNKNOWN_CA: {
      meaning: "No known authority (CA) has signed the broker's certificate.",
      remedy: "Set `kafka.tls.caFile` to the provider's CA.",
      retriable: 'no',
    },
    OCC_TLS_HOST_NAME: {
      meaning: "The broker's certificate is for another host name.",
      remedy: 'If the provider issues it so, set `kafka.tls.verify` to `ca`.',
      retriable: 'no',
    },
    OCC_TLS_EXPIRED: {
      meaning: "The broker's certificate, or its CA, has expired.",
      remedy: 'Ask whoever runs the broker.',
      retriable: 'no',
    },
    OCC_TLS_CLIENT_CERTIFICATE_REQUIRED: {
      meaning: 'The broker wants a client certificate.',
      remedy: 'Set `kafka.tls.certificateFile` and `kafka.tls.keyFile`.',
      retriable: 'no',
    },
    OCC_TLS_CLIENT_CERTIFICATE_REFUSED: {
      meaning: 'The broker refused the client certificate: expired, or of a CA it does not trust.',
      remedy: 'Put a valid one in the place of `kafka.tls.certificateFile`.',
      retriable: 'no',
    },
  },
} as const satisfies ErrorChapter
