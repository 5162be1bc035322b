import type { EmbeddedKafka } from '../../../../dev/kafka/types.ts'
import type { Namespace } from './namespace.ts'

export const SASL_SECRET = 'stream-login'
export const TLS_SECRET = 'stream-certificates'

/** As a user would: what the provider handed out becomes two Secrets. Replaces what is there. */
export async function createSecrets(
  namespace: Namespace,
  kafka: EmbeddedKafka,
  password = kafka.credentials.password,
): Promise<void> {
  await createLogin(namespace, kafka.credentials.username, password)
  await createCertificates(namespace, kafka)
}

export function createLogin(namespace: Namespace, username: string, password: string) {
  return apply(namespace, [
    SASL_SECRET,
    `--from-literal=username=${username}`,
    `--from-literal=password=${password}`,
  ])
}

/** From the files of this moment: again after `kafka.renewCertificates()`. */
export function createCertificates(namespace: Namespace, { certificates }: EmbeddedKafka) {
  return apply(namespace, [
    TLS_SECRET,
    `--from-file=ca.crt=${certificates.ca}`,
    `--from-file=tls.crt=${certificates.clientCertificate}`,
    `--from-file=tls.key=${certificates.clientKey}`,
  ])
}

async function apply(namespace: Namespace, args: readonly string[]): Promise<void> {
  const create = ['create', 'secret', 'generic', ...args, '--dry-run=client', '-o', 'yaml']
  await namespace.kubectl(['apply', '-f', '-'], await namespace.kubectl(create))
}
