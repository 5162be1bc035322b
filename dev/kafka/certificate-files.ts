import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  createAuthority,
  issueClientCertificate,
  issueServerCertificate,
  type PemPair,
} from './certificates.ts'
import type { CertificatePaths } from './types.ts'

export interface BrokerCertificatePaths extends CertificatePaths {
  /** Key and certificate in one file, as required by Kafka's PEM key stores. */
  readonly serverWithoutSan: string
  readonly serverWithSan: string
}

export function certificatePaths(folder: string): BrokerCertificatePaths {
  return {
    folder,
    ca: join(folder, 'server.cer.pem'),
    clientCertificate: join(folder, 'client.cer.pem'),
    clientKey: join(folder, 'client.key.pem'),
    serverWithoutSan: join(folder, 'broker-without-san.pem'),
    serverWithSan: join(folder, 'broker-with-san.pem'),
  }
}

/**
 * Creates an authority and everything it signs for one broker; overwrites existing files.
 *
 * @param clientNotAfter Expiry of the client's certificate; default: 30 days from now.
 */
export async function writeCertificates(
  folder: string,
  advertisedHost?: string,
  clientNotAfter?: Date,
): Promise<void> {
  const paths = certificatePaths(folder)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const ca = await createAuthority('onchain-consumer embedded Kafka CA')
  const hosts = ['localhost', '127.0.0.1', '::1']
  const sans = advertisedHost === undefined ? hosts : [...hosts, advertisedHost]
  const validity = clientNotAfter === undefined ? {} : { notAfter: clientNotAfter }
  const [withoutSan, withSan, client] = await Promise.all([
    issueServerCertificate({ ca, commonName: 'embedded-kafka' }),
    issueServerCertificate({ ca, commonName: 'localhost', sans }),
    issueClientCertificate({ ca, commonName: 'onchain-client', ...validity }),
  ])
  await Promise.all([
    writeSecret(paths.ca, ca.certificate),
    writeSecret(paths.clientCertificate, client.certificate),
    writeSecret(paths.clientKey, client.key),
    writeSecret(paths.serverWithoutSan, keyStore(withoutSan)),
    writeSecret(paths.serverWithSan, keyStore(withSan)),
  ])
}

function keyStore(pair: PemPair): string {
  return pair.key + pair.certificate
}

async function writeSecret(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 })
  await chmod(path, 0o600) // the mode above applies only to a new file
}
