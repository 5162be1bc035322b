import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createAuthority, issueClientCertificate } from '../../../../dev/kafka/certificates.ts'
import type { EmbeddedKafka } from '../../../../dev/kafka/types.ts'
import type { BrokerOptions, SecurityOptions } from '../../../../src/broker/types.ts'
import type { TlsConfig } from '../../../../src/config/types.ts'
import { brokerOptions, type LogLine } from '../../harness.ts'

export const PASSWORD = 'onchain-secret'
export const WRONG_PASSWORD = 'wr0ng-and-secret-too'

/** Passwords, and the certificates of a stranger, in the folder of this Kafka. */
export async function writeSecrets({ folder }: EmbeddedKafka): Promise<void> {
  const ca = await createAuthority('another authority')
  const client = await issueClientCertificate({ ca, commonName: 'stranger' })
  const files = {
    password: `${PASSWORD}\n`,
    'wrong-password': WRONG_PASSWORD,
    'foreign-ca.pem': ca.certificate,
    'foreign-client.pem': client.certificate,
    'foreign-client.key': client.key,
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
}

/** SASL_SSL with everything right, but for what is overridden. */
export function secured(
  kafka: EmbeddedKafka,
  address: string,
  tls: Partial<TlsConfig> = {},
  sasl: Partial<NonNullable<SecurityOptions['sasl']>> = {},
): BrokerOptions {
  const { ca, clientCertificate, clientKey } = kafka.certificates
  return brokerOptions(address, {
    protocol: 'SASL_SSL',
    sasl: {
      mechanism: 'SCRAM-SHA-512',
      username: 'onchain',
      passwordFile: join(kafka.folder, 'password'),
      ...sasl,
    },
    tls: {
      caFile: ca,
      certificateFile: clientCertificate,
      keyFile: clientKey,
      verify: 'full',
      ...tls,
    },
  })
}

export function assertNoSecretIn(lines: readonly LogLine[]): void {
  const text = JSON.stringify(lines)
  for (const secret of [PASSWORD, WRONG_PASSWORD]) {
    assert.ok(!text.includes(secret), `a log line has the secret ${secret}`)
    assert.ok(!text.includes(Buffer.from(secret).toString('base64')), 'in base64')
  }
  assert.doesNotMatch(text, /PRIVATE KEY/)
}
