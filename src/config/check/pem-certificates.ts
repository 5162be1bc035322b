import type { X509Certificate } from 'node:crypto'
import { EXPIRES_SOON_DAYS } from '../../kernel/time/expires-soon.ts'
import type { TlsConfig } from '../types.ts'

/** Paths of the files for TLS, by the names of their keys. */
export type PemFiles = Omit<TlsConfig, 'verify'>

/** Collects problems of one of the files. */
export type PemReport = (
  severity: 'problem' | 'warning',
  name: keyof PemFiles,
  message: string,
  remedy: string,
) => void

const DAY = 86_400_000

/** The PEM blocks whose label matches, in the order of the file; text between them is ignored. */
export function pemBlocks(text: string, label: RegExp): string[] {
  const blocks = text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g)
  return [...blocks].filter((match) => label.test(match[1] ?? '')).map((match) => `${match[0]}\n`)
}

/**
 * Checks the certificates that verify the brokers. While an authority is replaced, a bundle may
 * hold expired certificates next to valid ones, so with one valid certificate expired ones are a
 * warning.
 */
export function checkAuthorities(
  certificates: readonly X509Certificate[],
  now: Date,
  report: PemReport,
): void {
  const good = certificates.filter((one) => isValid(one, now))
  for (const certificate of certificates) {
    if (good.length === 0 || good.includes(certificate)) {
      checkValidity(certificate, 'caFile', now, report)
    } else {
      checkValidity(certificate, 'caFile', now, (_, ...rest) => report('warning', ...rest))
    }
    if (!certificate.ca) checkPinned(certificate, report)
  }
}

/**
 * OpenSSL also trusts a self-signed certificate that is not an authority, but only for itself. Some
 * providers hand out such a broker certificate, so it is not an error.
 */
function checkPinned(certificate: X509Certificate, report: PemReport): void {
  const name = subjectOf(certificate)
  if (certificate.checkIssued(certificate)) {
    const message = `is not an authority (${name}): it verifies only the broker that has this very certificate`
    report('warning', 'caFile', message, 'name the authority, unless this is intended')
    return
  }
  const message = `is not an authority (${name}, issued by ${inOneLine(certificate.issuer)})`
  report('problem', 'caFile', message, "name the certificate of the brokers' authority instead")
}

export function checkValidity(
  certificate: X509Certificate,
  name: keyof PemFiles,
  now: Date,
  report: PemReport,
): void {
  const { validFromDate: from, validToDate: to } = certificate
  const subject = subjectOf(certificate)
  if (now < from) {
    const message = `is not valid before ${from.toISOString()} (${subject})`
    report('problem', name, message, "check this machine's clock, or wait")
  } else if (now > to) {
    const message = `expired on ${to.toISOString()} (${subject})`
    report('problem', name, message, 'replace it with a new certificate')
  } else if (to.getTime() - now.getTime() < EXPIRES_SOON_DAYS * DAY) {
    const days = Math.floor((to.getTime() - now.getTime()) / DAY)
    const left = days === 0 ? 'within a day' : `in ${days} day${days === 1 ? '' : 's'}`
    const message = `expires ${left}, on ${to.toISOString()} (${subject})`
    report('warning', name, message, 'replace it in time; no restart is needed')
  }
}

function isValid(certificate: X509Certificate, now: Date): boolean {
  return now >= certificate.validFromDate && now <= certificate.validToDate
}

export function subjectOf({ subject }: X509Certificate): string {
  return inOneLine(subject)
}

function inOneLine(distinguishedName: string): string {
  return distinguishedName.replaceAll('\n', ', ')
}
