import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { CertificateStatus } from '../../observe/types.ts'
import { type PemFiles, pemBlocks } from './pem-certificates.ts'

/**
 * The certificates that are in the files now, the client certificate before its chain, each subject
 * once. Unreadable ones are ignored: connecting fails with them and says why. Never throws.
 */
export function readCertificates(files: PemFiles | undefined): CertificateStatus[] {
  const authorities = new Map<string, CertificateStatus>()
  for (const status of certificatesIn(files?.caFile, 'ca')) {
    // A bundle may hold the old and the new certificate of an authority: use the new one.
    const known = authorities.get(status.subject)
    if (known === undefined || known.notAfter < status.notAfter) {
      authorities.set(status.subject, status)
    }
  }
  const chain = new Map<string, CertificateStatus>()
  for (const status of certificatesIn(files?.certificateFile, 'client')) {
    if (!chain.has(status.subject)) chain.set(status.subject, status)
  }
  return [...chain.values(), ...authorities.values()]
}

function certificatesIn(
  file: string | undefined,
  name: CertificateStatus['name'],
): CertificateStatus[] {
  if (file === undefined) return []
  try {
    return pemBlocks(readFileSync(file, 'latin1'), /CERTIFICATE$/).map((block) => {
      const { subject, serialNumber, validToDate } = new X509Certificate(block)
      const readable = subject ? subject.replaceAll('\n', ', ') : `serial ${serialNumber}`
      return { name, subject: readable, notAfter: validToDate.getTime() }
    })
  } catch {
    return []
  }
}
