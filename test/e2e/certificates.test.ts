import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Pod } from './harness/kubernetes/objects.ts'
import { createCertificates } from './harness/kubernetes/secrets.ts'
import { printFigures, recordFigures } from './harness/print.ts'
import { scenario } from './harness/scenario.ts'
import { mergeValues } from './harness/values.ts'
import { until } from './harness/waiting.ts'

const CA_FILE = '/etc/onchain-consumer/tls/ca.crt'
const DAY = 24 * 60 * 60 * 1000
const REPLICAS = 2

scenario(
  'certificates',
  'a renewed certificate chain is used without a restart; one that expires soon is announced',
  async (scene) => {
    const { kafka, namespace, release, values, http, produce, drained, settled, account } = scene
    const watched = mergeValues(values, {
      replicaCount: REPLICAS,
      kubernetes: { events: { enabled: true } },
    })
    await release.install(watched, '--wait', '--timeout', '120s')
    const before = await settled(REPLICAS, 60)
    await produce({ count: 1200, prefix: 'before' })
    await drained(60)

    /**
     * Resolves when every pod reads the Secret of now. The kubelet brings it within two minutes; a
     * changed annotation makes it look at once.
     */
    const arrived = async (name: string) => {
      await namespace.kubectl(['annotate', '--overwrite', 'pods', '--all', `e2e/renewed=${name}`])
      const wanted = readFileSync(kafka.certificates.ca, 'utf8')
      const read = `process.stdout.write(require('fs').readFileSync('${CA_FILE}'))`
      const began = performance.now()
      for (const { metadata } of before) {
        const cat = ['exec', metadata.name, '--', 'node', '-e', read]
        await until('the Secret', 180, async () => (await namespace.kubectl(cat)) === wanted, 2000)
      }
      return ((performance.now() - began) / 1000).toFixed(0)
    }

    await kafka.renewCertificates()
    await createCertificates(namespace, kafka)
    const seconds = await arrived('once')
    // From here on the broker knows only the new authority, and only clients that it vouches for.
    await kafka.stop()
    await kafka.start()
    await produce({ count: 1200, prefix: 'after' })
    await drained(120)
    const after = await settled(REPLICAS, 60)
    assert.deepEqual(identities(after), identities(before))

    await kafka.renewCertificates({ clientNotAfter: new Date(Date.now() + 3 * DAY) })
    await createCertificates(namespace, kafka)
    await arrived('again')
    const [pod] = before
    assert.ok(pod)
    const days = await until('the metric of the days left', 180, async () => {
      const label = 'certificate="client"'
      const days = await http.metric(
        pod.metadata.name,
        'onchain_consumer_certificate_days_left',
        label,
      )
      return days < 4 && days
    })
    assert.ok(days > 2 && days <= 3, `${days} days`)
    const event = await until('the Event', 90, async () =>
      (await namespace.events()).find(({ reason }) => reason === 'CertificateExpiring'),
    )
    const totals = account.totals()
    printFigures('certificates', {
      'seconds until the Secret arrived in the pods': seconds,
      'days left': days.toFixed(2),
      Event: `${event.type} ${event.involvedObject.kind}: ${event.message}`,
      ...recordFigures(totals),
    })
    assert.deepEqual(totals.lost, [])
  },
)

/** Which containers they are, and that none was restarted. */
const identities = (pods: readonly Pod[]) =>
  pods
    .map(({ metadata, status }) => [metadata.uid, status.containerStatuses?.[0]?.restartCount])
    .sort()
