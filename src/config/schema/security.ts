import { choice, file, optional, section, setting, text } from './fields.ts'

/**
 * @param cluster the section that contains them: `kafka`.
 * @param named whether they have the conventional environment names, which only one cluster can
 * have.
 */
export const createSaslSection = (cluster: string, named: boolean) =>
  section(
    `How the user logs in. Used when \`${cluster}.securityProtocol\` begins with SASL. Passwords are read from files only.`,
    {
      mechanism: optional(choice(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']), {
        description: 'Mechanism that the brokers require.',
        ...(named ? { env: 'KAFKA_SASL_MECHANISM' } : {}),
        example: 'SCRAM-SHA-512',
      }),
      username: optional(text(), {
        description: 'Name of the user.',
        ...(named ? { env: 'KAFKA_SASL_USERNAME' } : {}),
        example: 'myuser',
      }),
      usernameFile: optional(file(), {
        description: 'File with the user name, instead of `username`.',
        ...(named ? { env: 'KAFKA_SASL_USERNAME_FILE' } : {}),
        example: '/etc/onchain-consumer/sasl/username',
      }),
      passwordFile: optional(file(), {
        description:
          'File with the password. A byte-order mark and surrounding line breaks are ignored.',
        ...(named ? { env: 'KAFKA_SASL_PASSWORD_FILE' } : {}),
        example: '/etc/onchain-consumer/sasl/password',
      }),
    },
  )

export const createTlsSection = (cluster: string, named: boolean) =>
  section(`Certificates, as PEM files. Used when \`${cluster}.securityProtocol\` ends with SSL.`, {
    caFile: optional(file(), {
      description:
        "Certificate authorities that are trusted for the brokers. Without it: Node's own list.",
      ...(named ? { env: 'KAFKA_SSL_CA_LOCATION' } : {}),
      example: '/etc/onchain-consumer/tls/ca.crt',
    }),
    certificateFile: optional(file(), {
      description: 'Client certificate, with its chain if it has one.',
      ...(named ? { env: 'KAFKA_SSL_CERTIFICATE_LOCATION' } : {}),
      example: '/etc/onchain-consumer/tls/tls.crt',
    }),
    keyFile: optional(file(), {
      description: 'Private key of the client certificate.',
      ...(named ? { env: 'KAFKA_SSL_KEY_LOCATION' } : {}),
      example: '/etc/onchain-consumer/tls/tls.key',
    }),
    keyPassphraseFile: optional(file(), {
      description: 'File with the passphrase of an encrypted private key.',
      ...(named ? { env: 'KAFKA_SSL_KEY_PASSWORD_FILE' } : {}),
      example: '/etc/onchain-consumer/tls/passphrase',
    }),
    verify: setting(choice(['full', 'ca']), {
      description:
        "`full` verifies the chain and the host name of the brokers' certificates; `ca` only the chain, for certificates that do not name their host. The chain is always verified.",
      ...(named ? { env: 'KAFKA_SSL_VERIFY' } : {}),
      default: 'full',
    }),
  })

export const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const
