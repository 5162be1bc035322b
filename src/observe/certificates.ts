import type { Log } from '../kernel/log.ts'
import type { Clock } from '../kernel/time/clock.ts'
import { EXPIRES_SOON_DAYS } from '../kernel/time/expires-soon.ts'
import type { CertificateSource, CertificateStatus } from './types.ts'

const DAY = 86_400_000
/** Milliseconds for which the files are not read again. */
const FRESH = 5_000
const CHECK_INTERVAL = 60_000

export interface CertificateWatch extends CertificateSource {
  /** Logs expired certificates and those that expire soon, once a day each, and renewed ones. */
  check(): void
  start(): void
  stop(): void
}

/** @param read Reads the certificates that are in the files now. */
export function createCertificateWatch(
  read: () => readonly CertificateStatus[],
  clock: Clock,
  log: Log,
): CertificateWatch {
  let known = read()
  let readAt = clock.monotonic()
  let checked = known
  let timer: NodeJS.Timeout | undefined
  const saidAt = new Map<string, number>()

  function certificates(): readonly CertificateStatus[] {
    if (clock.monotonic() - readAt >= FRESH) {
      known = read()
      readAt = clock.monotonic()
    }
    return known
  }

  function check(): void {
    const current = certificates()
    for (const certificate of current) {
      if (!checked.some((before) => keyOf(before) === keyOf(certificate))) renewed(certificate)
      const left = (certificate.notAfter - clock.now()) / DAY
      if (left < EXPIRES_SOON_DAYS && isDue(certificate, left < 0)) say(certificate, left, current)
    }
    checked = current
  }

  /** Expiry is logged even if the same day already had a warning. */
  function isDue(certificate: CertificateStatus, expired: boolean): boolean {
    const key = `${keyOf(certificate)} ${expired}`
    const now = clock.monotonic()
    if (now - (saidAt.get(key) ?? Number.NEGATIVE_INFINITY) < DAY) return false
    saidAt.set(key, now)
    return true
  }

  function renewed(certificate: CertificateStatus): void {
    log.info(
      { event: 'certificate.renewed', ...fieldsOf(certificate) },
      `The ${NAMES[certificate.name]} (${certificate.subject}) was renewed; new connections use it`,
    )
  }

  function say(
    certificate: CertificateStatus,
    left: number,
    all: readonly CertificateStatus[],
  ): void {
    const what = `The ${NAMES[certificate.name]} (${certificate.subject})`
    const on = new Date(certificate.notAfter).toISOString()
    const remedy = 'Replace it; no restart is needed.'
    const fields = { ...fieldsOf(certificate), daysLeft: Math.floor(left * 10) / 10 }
    if (left >= 0) {
      const text = `${what} expires in ${Math.floor(left)} days, on ${on}. ${remedy}`
      log.warn({ event: 'certificate.expiring', ...fields }, text)
      return
    }
    const text = `${what} expired on ${on}; connections will fail. ${remedy}`
    const event = 'certificate.expired'
    // One valid authority in the bundle is enough.
    const replaced = all.some(({ name, notAfter }) => name === 'ca' && notAfter > clock.now())
    if (certificate.name === 'ca' && replaced) log.warn({ event, ...fields }, text)
    else log.error({ event, ...fields }, text)
  }

  return {
    certificates,
    check,
    start() {
      timer = setInterval(check, CHECK_INTERVAL)
    },
    stop() {
      clearInterval(timer)
    },
  }
}

const NAMES = { ca: 'certificate authority', client: 'client certificate' } as const

function keyOf({ name, subject, notAfter }: CertificateStatus): string {
  return `${name} ${subject} ${notAfter}`
}

function fieldsOf({ name, subject, notAfter }: CertificateStatus) {
  return { certificate: name, subject, notAfter: new Date(notAfter).toISOString() }
}
