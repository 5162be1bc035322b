import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAuthority } from '../../kafka/certificates.ts'
import { asking } from './records.ts'
import type { Stage } from './stage.ts'

const DAY = 86_400_000

/** Every certificate of the bundle is watched. */
export async function certificates(stage: Stage): Promise<void> {
  const { kafka, createTopic, pod, sees, folder, secured } = stage
  await createTopic('certificates')
  const [expired, soon] = await Promise.all([
    createAuthority('Expired', {
      notBefore: new Date(Date.now() - 9 * DAY),
      notAfter: new Date(Date.now() - DAY),
    }),
    createAuthority('Soon', { notAfter: new Date(Date.now() + 5 * DAY) }),
  ])
  const bundle = join(folder, 'bundle.pem')
  const own = readFileSync(kafka.certificates.ca, 'utf8')
  writeFileSync(bundle, [own, expired.certificate, soon.certificate].join('\n'))
  const service = await pod('certificates', {
    topics: ['certificates'],
    env: await secured(bundle),
  })
  await sees(service, 'certificate-expired', { isNote: true })
  await sees(service, 'certificate-expiring', { isNote: true })
}

/** A line for each record, and nobody who reads them. */
export async function logLost({ createTopic, send, pod, sees }: Stage): Promise<void> {
  await createTopic('log')
  const service = await pod('log', { topics: ['log'], env: { OCC_SINK_LOG_EVERY: '1' } })
  service.log.pause()
  const record = asking('', { padding: 'x'.repeat(1_000) })
  await send(
    'log',
    Array.from({ length: 1_000 }, () => record),
  )
  await sees(service, 'log-lost', { isNote: true })
}
