import { writeSecret } from '../write-secret.ts'
import type { EmbeddedKafka } from './types.ts'

/**
 * The variables with which a service logs in as the user of `credentials`, over SASL_SSL with a client certificate.
 * @param passwordFile is written
 */
export async function securedEnvironment(
  { brokers, credentials, certificates }: EmbeddedKafka,
  passwordFile: string,
): Promise<Record<string, string>> {
  await writeSecret(passwordFile, `${credentials.password}\n`)
  return {
    KAFKA_BOOTSTRAP_SERVERS: brokers.saslSslSan,
    KAFKA_SECURITY_PROTOCOL: 'SASL_SSL',
    KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
    KAFKA_SASL_USERNAME: credentials.username,
    KAFKA_SASL_PASSWORD_FILE: passwordFile,
    KAFKA_SSL_CA_LOCATION: certificates.ca,
    KAFKA_SSL_CERTIFICATE_LOCATION: certificates.clientCertificate,
    KAFKA_SSL_KEY_LOCATION: certificates.clientKey,
  }
}
