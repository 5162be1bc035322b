import type { ErrorChapter } from './chapter.ts'

export const connection = {
  title: 'Connections to the brokers',
  introduction:
    'The keys below are those of `kafka`; for another cluster (dead letters, a sink) the message names its section.',
  codes: {
    OCC_BROKER_ADDRESS: {
      meaning: 'A broker address is not of the form host:port.',
      remedy: 'Write `host:port`, or `[address]:port` for IPv6, in `kafka.brokers`.',
      retriable: 'no',
    },
    OCC_BROKER_UNREACHABLE: {
      meaning: 'No broker answers at the address, or its host name cannot be resolved.',
      remedy:
        'Check `kafka.brokers`, and that the broker runs; in a pod, localhost is the pod itself.',
      retriable: 'yes',
    },
    OCC_BROKER_ADVERTISED: {
      meaning: 'The brokers answer, but advertise host names that cannot be resolved here.',
      remedy: 'Correct `advertised.listeners` of the brokers, or make the names resolvable.',
      retriable: 'depends',
    },
    OCC_BROKER_UNKNOWN: {
      meaning:
        'The cluster does not list a required broker, for example while that broker restarts.',
      remedy: 'None. If it lasts, check the cluster.',
      retriable: 'yes',
    },
    OCC_BROKER_CLOSED: {
      meaning: 'The broker closed the connection.',
      remedy:
        'If this happens right after connecting, check `kafka.securityProtocol` and the port.',
      retriable: 'yes',
    },
    OCC_BROKER_TIMEOUT: {
      meaning: 'The broker accepts connections or requests but does not answer in time.',
      remedy: 'If it lasts, check the load of the broker, the network and the port.',
      retriable: 'yes',
    },
    OCC_BROKER_TOO_OLD: {
      meaning: 'The broker does not support a required request.',
      remedy: 'Use Apache Kafka 2.4 or newer, or a compatible broker.',
      retriable: 'no',
    },
    OCC_BROKER: {
      meaning: 'The broker or the client reports an error that has no other code here.',
      remedy: 'See the message and the log of the broker.',
      retriable: 'yes',
    },
    OCC_LINK_CLOSED: {
      meaning: 'This side closed the connection while a request was in flight.',
      remedy: 'None: it is opened again when needed.',
      retriable: 'yes',
    },
    OCC_PROTOCOL: {
      meaning: 'An answer of the broker cannot be read: it is truncated or damaged.',
      remedy: 'If it lasts, check the network and proxies between the process and the broker.',
      retriable: 'yes',
    },
    OCC_KAFKA_NOT_SPOKEN: {
      meaning: 'The server at the address does not speak Kafka, or expects TLS.',
      remedy: 'Check `kafka.securityProtocol` and the port in `kafka.brokers`.',
      retriable: 'no',
    },
    OCC_SASL_MECHANISM: {
      meaning: 'The broker does not offer the SASL mechanism.',
      remedy: 'Set `kafka.sasl.mechanism` to one that the broker offers.',
      retriable: 'no',
    },
    OCC_SASL_NOT_SPOKEN: {
      meaning: 'The port does not accept a SASL login.',
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
      meaning: 'The certificate of the broker is not signed by a known authority (CA).',
      remedy: 'Set `kafka.tls.caFile` to the CA of the provider.',
      retriable: 'no',
    },
    OCC_TLS_HOST_NAME: {
      meaning: 'The certificate of the broker is for another host name.',
      remedy: 'If that is intended by the provider, set `kafka.tls.verify` to `ca`.',
      retriable: 'no',
    },
    OCC_TLS_EXPIRED: {
      meaning: 'The certificate of the broker, or its CA, has expired.',
      remedy: 'Ask the operator of the broker.',
      retriable: 'no',
    },
    OCC_TLS_CLIENT_CERTIFICATE_REQUIRED: {
      meaning: 'The broker requires a client certificate.',
      remedy: 'Set `kafka.tls.certificateFile` and `kafka.tls.keyFile`.',
      retriable: 'no',
    },
    OCC_TLS_CLIENT_CERTIFICATE_REFUSED: {
      meaning:
        'The broker refused the client certificate: it is expired, or its CA is not trusted.',
      remedy: 'Replace the file of `kafka.tls.certificateFile` with a valid one.',
      retriable: 'no',
    },
    OCC_REGISTRY_AWAY: {
      meaning:
        'The schema registry does not answer, or refuses the credentials. Partitions whose next record needs a schema of it wait; no record is given up.',
      remedy:
        'Start it, or correct `decode.registry`. Its files are read anew for each request, so a changed password needs no restart.',
      retriable: 'yes',
    },
  },
} as const satisfies ErrorChapter
