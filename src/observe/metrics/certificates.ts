import type { CertificateStatus } from '../types.ts'
import type { MetricDefinition, Reading, Sample } from './definition.ts'

const DAY = 86_400_000
const labels = ['certificate', 'subject']

function perCertificate(value: (certificate: CertificateStatus, now: number) => number) {
  return ({ certificates, now }: Reading): Sample[] =>
    certificates.map((certificate) => ({
      labels: { certificate: certificate.name, subject: certificate.subject },
      value: value(certificate, now),
    }))
}

/** The PEM files as they are on disk at the scrape, so that a renewal shows without a restart. */
export const certificateMetrics: readonly MetricDefinition[] = [
  {
    name: 'onchain_consumer_certificate_expiry_timestamp_seconds',
    type: 'gauge',
    unit: 'seconds',
    labels,
    help: 'When the certificate expires, in seconds since the epoch: `client`, sent to the brokers, or `ca`, which verifies them.',
    read: perCertificate(({ notAfter }) => notAfter / 1000),
  },
  {
    name: 'onchain_consumer_certificate_days_left',
    type: 'gauge',
    unit: 'days',
    labels,
    help: 'Days until the certificate expires; negative once it has.',
    read: perCertificate(({ notAfter }, now) => (notAfter - now) / DAY),
  },
]
