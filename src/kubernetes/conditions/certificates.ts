import type { CertificateStatus } from '../../observe/types.ts'
import type { ObjectReference } from '../client/api.ts'
import type { Condition } from './conditions.ts'

const DAY = 86_400_000

/**
 * Certificates of the pod that have expired or will expire within `warning` milliseconds.
 *
 * @param now Milliseconds since the epoch.
 */
export function certificateConditions(
  certificates: readonly CertificateStatus[],
  warning: number,
  now: number,
  pod: ObjectReference,
): Condition[] {
  return certificates
    .filter(({ notAfter }) => notAfter - now <= warning)
    .map(({ name, subject, notAfter }) => {
      const left = notAfter - now
      const which = `${name} certificate ${subject.replaceAll(/\s+/g, ' ')}`
      const end = new Date(notAfter).toISOString()
      const what = name === 'ca' ? 'brokers cannot be verified' : 'brokers refuse this service'
      return {
        key: `certificate ${name} ${subject}`,
        regarding: pod,
        type: 'Warning',
        reason: left <= 0 ? 'CertificateExpired' : 'CertificateExpiring',
        action: 'RenewCertificate',
        note:
          left <= 0
            ? `The ${which} expired at ${end}: ${what}. Renew it in the Secret; no restart is needed.`
            : `The ${which} expires in ${daysOf(left)}, at ${end}; from then on ${what}. Renew it in the Secret; no restart is needed.`,
      }
    })
}

function daysOf(milliseconds: number): string {
  const days = Math.floor(milliseconds / DAY)
  if (days > 1) return `${days} days`
  const hours = Math.floor(milliseconds / (DAY / 24))
  return hours === 1 ? '1 hour' : `${hours} hours`
}
