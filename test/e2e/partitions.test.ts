import assert from 'node:assert/strict'
import type { HorizontalPodAutoscaler, List } from './harness/kubernetes/objects.ts'
import { printFigures, recordFigures } from './harness/print.ts'
import { quickScaling } from './harness/scaling-values.ts'
import { scenario } from './harness/scenario.ts'
import { PARTITIONS, TOPIC } from './harness/scene.ts'
import { mergeValues } from './harness/values.ts'
import { until } from './harness/waiting.ts'

const TWICE = 2 * PARTITIONS
const EACH = 50

scenario(
  'partitions',
  'twice the partitions: the ceiling follows, and they are read from their first record',
  async ({ api, kafka, namespace, release, values, account, produce, drained, settled }) => {
    const synced = mergeValues(values, {
      autoscaling: quickScaling({ partitions: PARTITIONS, lagPerPod: 1_000_000 }),
      kubernetes: { partitionSync: { enabled: true }, events: { enabled: true } },
      config: {
        // With `latest` it would be natural, and wrong, to begin a new partition at its end.
        kafka: { autoOffsetReset: 'latest' },
        scaling: { interval: '2s' },
        kubernetes: { partitionSync: { interval: '2s' } },
      },
    })
    await release.install(synced, '--wait', '--timeout', '120s')
    await settled(1, 60)
    const ceiling = async () => {
      const path = `/apis/autoscaling/v2/namespaces/${namespace.name}/horizontalpodautoscalers`
      const { items } = await api.json<List<HorizontalPodAutoscaler>>(path)
      return items[0]?.spec.maxReplicas
    }
    await until('the ceiling of 12', 30, async () => (await ceiling()) === PARTITIONS)
    await produce({ count: PARTITIONS * EACH })
    await drained(60)

    const altered = await kafka.tools.topics([
      ...['--alter', '--topic', TOPIC, '--partitions', String(TWICE)],
    ])
    assert.equal(altered.code, 0, altered.stderr)
    const began = performance.now()
    // At once, before any pod can have seen the new partitions.
    await produce({ count: TWICE * EACH, partitions: TWICE, prefix: 'after' })
    await until('the ceiling of 24', 60, async () => (await ceiling()) === TWICE)
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    await drained(60)
    for (let partition = PARTITIONS; partition < TWICE; partition++) {
      const offsets = account.offsets(TOPIC, partition)
      assert.ok(offsets.length >= EACH, `partition ${partition} has ${offsets.length} records`)
      const all = offsets.map((_, index) => index)
      assert.deepEqual(offsets, all, `partition ${partition} from its first record, once each`)
    }
    const event = await until('the Event', 30, async () =>
      (await namespace.events()).find(({ reason, message }) => {
        return reason === 'MaximumChanged' && message.includes(String(TWICE))
      }),
    )
    const totals = account.totals()
    printFigures('partitions', {
      'seconds until the ceiling followed': seconds,
      Event: `${event.involvedObject.kind}: ${event.message}`,
      ...recordFigures(totals),
      'sent twice by the producer': totals.handled - totals.repeated - totals.produced,
    })
    assert.deepEqual(totals.lost, [])
  },
)
