import assert from 'node:assert/strict'
import test from 'node:test'
import { metric } from '../../support/metric.ts'
import { until } from '../../support/waiting.ts'
import { account, printFigures, readHandled } from '../support/accounting.ts'
import { readStarts } from '../support/broker/group-offsets.ts'
import { createScene } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'

const HANDLED_BEFORE = 3_000
const MISSED = sizeOf('RECORDS', 20_000)
/** Milliseconds from one look of the broker to the next. */
const RETENTION_CHECK = 1_000

test('retention passes a consumer that was away: the loss is counted exactly', async (t) => {
  const scene = await createScene(t, {
    topicConfig: { 'segment.bytes': '1048576', 'file.delete.delay.ms': '1000' },
  })
  const first = await scene.start()
  const before = await scene.produce({ count: HANDLED_BEFORE })
  await until(() => account(scene.folder, before.ids).lost === 0, 'the first records')
  assert.equal(await first.terminate(), 0)

  const missed = await scene.produce({ count: MISSED, seed: 8 })
  const settings = await scene.kafka.tools.configs([
    '--alter',
    '--entity-type',
    'topics',
    '--entity-name',
    scene.topic,
    '--add-config',
    'retention.bytes=2097152',
  ])
  assert.equal(settings.code, 0, settings.stderr)
  const committed = HANDLED_BEFORE
  const partitions = Array.from({ length: scene.partitions }, (_, partition) => partition)
  let earliest = 0
  let changed = performance.now()
  await until(async () => {
    const previous = earliest
    const starts = await readStarts(scene.brokers, scene.topic, partitions)
    earliest = [...starts.values()].reduce((sum, start) => sum + start, 0)
    if (earliest !== previous) changed = performance.now()
    return earliest > committed && performance.now() - changed > 3 * RETENTION_CHECK
  }, 'the broker to delete segments')
  const second = await scene.start()
  const survivors = HANDLED_BEFORE + MISSED - earliest
  await until(
    () => readHandled(scene.folder).length >= HANDLED_BEFORE + survivors,
    'what is left to be handled',
  )
  const { body } = await second.get('/metrics')
  const counted = metric(body, 'onchain_consumer_records_lost_total')
  const result = account(scene.folder, [...before.ids, ...missed.ids])
  printFigures('retention', {
    'records in': result.produced,
    'records out': result.handled,
    'deleted by the broker before they were read': earliest - committed,
    'counted as lost': counted,
    'really missing': result.lost,
    duplicated: result.repeated,
  })
  assert.equal(counted, earliest - committed)
  assert.equal(counted, result.lost)
  assert.equal(result.repeated, 0)
  assert.equal(await second.terminate(), 0)
})
