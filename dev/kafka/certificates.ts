import './reflect-metadata.ts'
import type { webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const DAY = 24 * 60 * 60 * 1000

/** A certificate and its private key (PKCS#8), both PEM. EC P-256: generated in about 1 ms. */
export interface PemPair {
  readonly certificate: string
  readonly key: string
}

/** A signer: an authority or, for tests, a certificate that is not one. */
export interface Issuer extends PemPair {
  readonly x509: X509Certificate
  readonly signingKey: webcrypto.CryptoKey
}

export interface Validity {
  /** Default: a day ago, so that small clock differences do not matter. */
  readonly notBefore?: Date
  /** Default: 30 days from now. In the past: an expired certificate. */
  readonly notAfter?: Date
}

/** A self-signed certificate authority. */
export function createAuthority(name: string, validity: Validity = {}): Promise<Issuer> {
  const extensions = [
    new BasicConstraintsExtension(true, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
  ]
  return issue(name, extensions, validity)
}

/**
 * A self-signed certificate that declares that it is not an authority: people put those into CA
 * files by mistake. What it signs must not verify.
 */
export function createNonAuthority(name: string, validity: Validity = {}): Promise<Issuer> {
  return issue(name, [new BasicConstraintsExtension(false, undefined, true)], validity)
}

export interface ServerCertificateOptions extends Validity {
  readonly ca: Issuer
  readonly commonName: string
  /** Host names and IP addresses; empty: a certificate without a SAN. */
  readonly sans?: readonly string[]
}

export function issueServerCertificate(options: ServerCertificateOptions): Promise<Issuer> {
  const names = (options.sans ?? []).map((value) => ({
    type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const),
    value,
  }))
  const extensions: Extension[] = [new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth])]
  if (names.length > 0) extensions.push(new SubjectAlternativeNameExtension(names))
  return issue(options.commonName, extensions, options, options.ca)
}

export interface ClientCertificateOptions extends Validity {
  readonly ca: Issuer
  readonly commonName: string
}

export function issueClientCertificate(options: ClientCertificateOptions): Promise<Issuer> {
  const extensions = [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])]
  return issue(options.commonName, extensions, options, options.ca)
}

async function issue(
  commonName: string,
  extensions: Extension[],
  validity: Validity,
  issuer?: Issuer,
): Promise<Issuer> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const subject = [{ CN: [commonName] }]
  const x509 = await X509CertificateGenerator.create({
    subject,
    issuer: issuer?.x509.subject ?? subject,
    publicKey: keys.publicKey,
    signingKey: issuer?.signingKey ?? keys.privateKey,
    signingAlgorithm: ALGORITHM,
    notBefore: validity.notBefore ?? new Date(Date.now() - DAY),
    notAfter: validity.notAfter ?? new Date(Date.now() + 30 * DAY),
    extensions,
  })
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    certificate: `${x509.toString('pem')}\n`,
    key: `${PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`,
    x509,
    signingKey: keys.privateKey,
  }
}
