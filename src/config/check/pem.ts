import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readSecretFile, unreadable, unreadableRemedy } from '../secrets.ts'
import {
  checkAuthorities,
  checkValidity,
  type PemFiles,
  type PemReport,
  pemBlocks,
  subjectOf,
} from './pem-certificates.ts'
import { type Problem, showValue } from './problems.ts'

/**
 * Reads the PEM files as TLS will, and reports what makes TLS fail now or soon. The dates of the
 * certificates are compared with `now`. Never throws, never shows a key.
 */
export function checkPem(
  files: PemFiles,
  now: Date = new Date(),
  section = 'kafka.tls',
): { problems: Problem[]; warnings: Problem[] } {
  const problems: Problem[] = []
  const warnings: Problem[] = []
  const report: PemReport = (severity, name, message, remedy) => {
    const key = `${section}.${name}`
    const value = showValue(key, files[name])
    const list = severity === 'problem' ? problems : warnings
    // The messages below name the section of the first cluster.
    const named = (text: string) => text.replaceAll('kafka.tls', section)
    list.push({ key, value, message: named(message), remedy: named(remedy) })
  }
  const ca = read(files, 'caFile', report)
  if (ca !== undefined) checkAuthorities(certificatesIn(ca, 'caFile', report), now, report)
  checkClient(files, now, report)
  return { problems, warnings }
}

function checkClient(files: PemFiles, now: Date, report: PemReport): void {
  const certificateText = read(files, 'certificateFile', report)
  const keyText = read(files, 'keyFile', report)
  if (certificateText !== undefined && keyText !== undefined) {
    const swapped = !hasCertificate(certificateText) && hasKey(certificateText)
    if (swapped && hasCertificate(keyText) && !hasKey(keyText)) {
      const message = 'holds the private key, and kafka.tls.keyFile the certificate'
      report('problem', 'certificateFile', message, 'swap the two paths')
      return
    }
  }
  const [leaf] =
    certificateText === undefined ? [] : certificatesIn(certificateText, 'certificateFile', report)
  if (leaf !== undefined) checkValidity(leaf, 'certificateFile', now, report)
  const key = keyText === undefined ? undefined : privateKey(keyText, files, report)
  if (leaf === undefined || key === undefined || leaf.checkPrivateKey(key)) return
  report(
    'problem',
    'keyFile',
    `does not belong to the certificate in kafka.tls.certificateFile (${subjectOf(leaf)})`,
    'name the key that this certificate was issued for',
  )
}

function read(files: PemFiles, name: keyof PemFiles, report: PemReport): string | undefined {
  const path = files[name]
  if (path === undefined) return undefined
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    const usual = 'correct the path, or mount the Secret there'
    report('problem', name, unreadable(error), unreadableRemedy(error, usual))
    return undefined
  }
}

const hasCertificate = (text: string) => pemBlocks(text, /CERTIFICATE$/).length > 0
const hasKey = (text: string) => pemBlocks(text, /PRIVATE KEY$/).length > 0

function certificatesIn(text: string, name: keyof PemFiles, report: PemReport): X509Certificate[] {
  const blocks = pemBlocks(text, /CERTIFICATE$/)
  const first = blocks[0]
  if (first === undefined) {
    const message = hasKey(text)
      ? 'holds a private key and no certificate'
      : 'is not a PEM certificate'
    const remedy = 'name a file with "-----BEGIN CERTIFICATE-----"; convert DER with openssl x509'
    report('problem', name, message, remedy)
    return []
  }
  try {
    return blocks.map((block) => new X509Certificate(block))
  } catch {
    report('problem', name, 'holds a certificate that cannot be parsed', 'copy the file again')
    return []
  }
}

function privateKey(text: string, files: PemFiles, report: PemReport): KeyObject | undefined {
  const [block] = pemBlocks(text, /PRIVATE KEY$/)
  const bad = (message: string, remedy: string) => {
    report('problem', 'keyFile', message, remedy)
    return undefined
  }
  if (block === undefined) {
    const message = hasCertificate(text)
      ? 'holds a certificate and no key'
      : 'is not a PEM private key'
    return bad(message, 'name a file with "-----BEGIN PRIVATE KEY-----"')
  }
  const encrypted = /BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(block)
  if (!encrypted) return parseKey(block, undefined, bad)
  if (files.keyPassphraseFile === undefined) {
    return bad(
      'is encrypted, and there is no passphrase',
      'put the passphrase into a file and set kafka.tls.keyPassphraseFile to its path',
    )
  }
  try {
    return parseKey(block, readSecretFile(files.keyPassphraseFile), bad)
  } catch {
    // The passphrase file itself is checked with the other secrets.
    return undefined
  }
}

function parseKey(
  block: string,
  passphrase: string | undefined,
  bad: (message: string, remedy: string) => undefined,
): KeyObject | undefined {
  try {
    return createPrivateKey(passphrase === undefined ? block : { key: block, passphrase })
  } catch {
    return passphrase === undefined
      ? bad('holds a private key that cannot be parsed', 'copy the file again')
      : bad(
          'cannot be decrypted with the passphrase in kafka.tls.keyPassphraseFile',
          'correct the passphrase, or copy the key again',
        )
  }
}
