import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { createDuplicateWindow } from '../../../src/handle/deduplicate/window.ts'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { systemClock } from '../../../src/kernel/time/clock.ts'
import { metric } from '../../support/metric.ts'
import { headerOf, recordsOf } from '../../support/records/topic-records.ts'
import { until } from '../../support/waiting.ts'
import { printFigures } from '../support/accounting.ts'
import { shareKafka } from '../support/broker/shared-kafka.ts'
import { brokerOptions } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'

const MESSAGES = sizeOf('RECORDS', 10_000)
const SHARE = 0.1
const createScene = shareKafka()
const WINDOW = 100_000

for (const order of ['key', 'none'] as const) {
  test(`10 % duplicates, order ${order}: each event reaches the sink once`, async (t) => {
    const scene = await createScene(t)
    const rows = `rows-${order}`
    await scene.kafka.cluster.createTopic(rows, { partitions: 6 })
    const config = {
      handlers: [{ path: join(import.meta.dirname, '../handlers/emitting.ts') }],
      sinks: { rows: { type: 'kafka', topic: rows } },
      processing: { order, concurrency: 200 },
      retry: { backoff: '20ms' },
      deduplication: { window: WINDOW },
    }
    const service = await scene.run(config)
    // By their keys, as the stream's providers do it: duplicates are in the partition of the first.
    const { ids, expected, events } = await scene.produce({
      count: MESSAGES,
      duplicateShare: SHARE,
      keyScheme: 'slot',
      partitions: undefined,
    })
    await until(async () => {
      await sleep(500)
      const { partitions } = JSON.parse((await service.get('/lag')).body)
      const committed = partitions.map((each: { committed: number }) => each.committed)
      return committed.reduce((a: number, b: number) => a + b, 0) === ids.length
    }, 'all messages to be committed')
    const { body } = await service.get('/metrics')
    const wanted = events()
    const emitted = (await recordsOf(brokerOptions(scene.brokers), rows)).map((row) =>
      headerOf(row, 'occ-id'),
    )
    const distinct = new Set(emitted)
    const lost = wanted.filter((id) => !distinct.has(id))
    const found = metric(body, 'onchain_consumer_events_total')
    const duplicates = metric(body, 'onchain_consumer_duplicate_events_total')
    const window = createDuplicateWindow(WINDOW, 240_000, systemClock)
    // As full as it gets before its ids begin to be forgotten.
    for (let count = 0; count < WINDOW; count++)
      window.add(`${wanted[count % wanted.length]}${count}`)
    printFigures(`duplicates, order ${order}`, {
      'messages in': ids.length,
      'of them duplicates': expected.duplicates,
      'events in': expected.events + expected.duplicateEvents,
      'of them duplicates ': expected.duplicateEvents,
      'rows in the sink': emitted.length,
      lost: lost.length,
      'in the sink more than once': emitted.length - distinct.size,
      'duplicates by the metric': `${duplicates} (${((100 * duplicates) / found).toFixed(2)} %)`,
      retries: metric(body, 'onchain_consumer_retries_total'),
      'memory of the window (bytes an id)': (window.bytes / WINDOW).toFixed(1),
    })
    assert.deepEqual(lost, [])
    assert.equal(emitted.length, distinct.size)
    assert.equal(distinct.size, expected.events)
    assert.equal(found, expected.events + expected.duplicateEvents)
    assert.equal(duplicates, expected.duplicateEvents)
    assert.ok(metric(body, 'onchain_consumer_retries_total') > 0)
    assert.equal(metric(body, 'onchain_consumer_failed_records_total'), 0)
    assert.equal(await service.terminate(), 0)
  })
}
