import { becomesText, only, type PropertyRule, refused, translated } from './rules.ts'

const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL']
const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']
const words = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name.toLowerCase(), name]))

const secret = (name: string, key: string) =>
  refused(name, 'secrets are read from files only', `put it into a file and set ${key} to its path`)

const pem = (name: string, key: string) =>
  refused(
    name,
    'certificates are read from files only',
    `put it into a file and set ${key} to its path`,
  )

const javaStore = (name: string) =>
  refused(
    name,
    'Java key stores are not read',
    'convert the store to PEM files and set kafka.tls.caFile, certificateFile and keyFile',
  )

const noMechanism = (name: string) =>
  refused(
    name,
    `only ${MECHANISMS.join(', ')} are supported`,
    'remove it, and set kafka.sasl.mechanism to one of them',
  )

/** Login and certificates. */
export const securityRules: readonly PropertyRule[] = [
  translated('security.protocol', 'kafka.securityProtocol', words(PROTOCOLS)),
  translated('sasl.mechanism', 'kafka.sasl.mechanism', words(MECHANISMS)),
  translated('sasl.mechanisms', 'kafka.sasl.mechanism', words(MECHANISMS)),
  becomesText('sasl.username', 'kafka.sasl.username'),
  secret('sasl.password', 'kafka.sasl.passwordFile'),
  refused(
    'sasl.jaas.config',
    'it holds a password, and secrets are read from files only',
    'set kafka.sasl.username, put the password into a file, and set kafka.sasl.passwordFile to its path',
  ),
  noMechanism('sasl.kerberos.service.name'),
  noMechanism('sasl.kerberos.principal'),
  noMechanism('sasl.kerberos.keytab'),
  noMechanism('sasl.oauthbearer.config'),
  noMechanism('sasl.oauthbearer.token.endpoint.url'),
  noMechanism('sasl.login.callback.handler.class'),
  becomesText('ssl.ca.location', 'kafka.tls.caFile'),
  becomesText('ssl.certificate.location', 'kafka.tls.certificateFile'),
  becomesText('ssl.key.location', 'kafka.tls.keyFile'),
  secret('ssl.key.password', 'kafka.tls.keyPassphraseFile'),
  pem('ssl.ca.pem', 'kafka.tls.caFile'),
  pem('ssl.certificate.pem', 'kafka.tls.certificateFile'),
  pem('ssl.key.pem', 'kafka.tls.keyFile'),
  translated('ssl.endpoint.identification.algorithm', 'kafka.tls.verify', {
    https: 'full',
    none: 'ca',
    '': 'ca',
  }),
  only(
    'enable.ssl.certificate.verification',
    'true',
    'the chain of a certificate is always verified',
    'put the authority into kafka.tls.caFile; kafka.tls.verify: ca skips only the host name',
  ),
  javaStore('ssl.truststore.location'),
  javaStore('ssl.truststore.type'),
  javaStore('ssl.truststore.password'),
  javaStore('ssl.truststore.certificates'),
  javaStore('ssl.keystore.location'),
  javaStore('ssl.keystore.type'),
  javaStore('ssl.keystore.password'),
  javaStore('ssl.keystore.key'),
  javaStore('ssl.keystore.certificate.chain'),
  refused('ssl.crl.location', 'revocation lists are not read', 'remove it'),
  refused('ssl.cipher.suites', "Node's own list of ciphers is used", 'remove it'),
  refused('ssl.enabled.protocols', 'TLS 1.2 and 1.3 are used', 'remove it'),
  refused('ssl.protocol', 'TLS 1.2 and 1.3 are used', 'remove it'),
]
