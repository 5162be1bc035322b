import assert from 'node:assert/strict'
import test from 'node:test'
import { metric } from '../../support/metric.ts'
import { until } from '../../support/waiting.ts'
import { countHandled, printFigures, readHandled, readLetters } from '../support/accounting.ts'
import {
  BATCH_RECORDS,
  CASE_PARTITIONS,
  DAMAGED,
  type DamagedCase,
  makeDamagedCases,
  makeHugeCase,
} from '../support/broker/damaged-cases.ts'
import { peakMiB } from '../support/kernel-figures.ts'
import type { Service } from '../support/service.ts'
import { createScene, type Scene } from '../support/setup.ts'
import { TEXT } from '../support/text-records.ts'

interface PartitionOfLag {
  readonly topic: string
  readonly partition: number
  readonly committed: number
  readonly lag: number
  readonly pausedBy: string | null
  readonly problem: {
    readonly reason: string
    readonly message: string
    readonly since: string
    readonly damage: {
      readonly code: string
      readonly codec: string
      readonly firstOffset: number
      readonly lastOffset: number
    }
  } | null
}

test('batches that cannot be read, or unpack to 300 MB, hold their own partition and no other, or are kept whole', async (t) => {
  const scene = await createScene(t)
  const damaged = await makeDamagedCases(scene)
  await checkHeldThenKept(scene, 'damaged batches', [...damaged, await makeHugeCase(scene)])
})

async function checkHeldThenKept(
  scene: Scene,
  name: string,
  cases: readonly DamagedCase[],
): Promise<void> {
  const { folder } = scene
  /** All of the others, and what stands before the damage. */
  const ahead = cases.length * BATCH_RECORDS * (3 * (CASE_PARTITIONS - 1) + 1)
  const behind = cases.length * BATCH_RECORDS
  const env = { KAFKA_TOPICS: cases.map(({ topic }) => topic).join(',') }
  const started = performance.now()

  const holding = await scene.run(configOf('hold'), env)
  await until(() => countHandled(folder) >= ahead, 'the others to be handled')
  const isHeld = async () => (await held(holding)).length === cases.length
  await until(isHeld, 'all damaged ones to be held')
  const whole = async () => (await partitionsOf(holding)).every(isFinished)
  await until(whole, 'what is handled to be committed')
  const heldAfter = performance.now() - started
  checkHeld(cases, await held(holding))
  const inMetrics = (await holding.get('/metrics')).body
  // Each is fetched three times more, and looked at once more for each minute that it is held.
  const maxLooks = 1 + Math.ceil((performance.now() - started) / 60_000)
  const said = holding.log().filter(({ event }) => event === 'batch.corrupt')
  const errors = metric(inMetrics, 'onchain_consumer_fetch_errors_total')
  const memory = peakMiB(holding.process.pid)
  assert.equal(await holding.terminate(), 0)

  const keeping = await scene.run(configOf('keep'), env)
  await until(() => countHandled(folder) >= ahead + behind, 'what lies behind to be handled')
  const isOver = async () => (await partitionsOf(keeping)).every(({ lag }) => lag === 0)
  await until(isOver, 'all to be committed')
  const kept = (await keeping.get('/metrics')).body
  const memoryKeeping = peakMiB(keeping.process.pid)
  assert.equal(await keeping.terminate(), 0)

  const ids = readHandled(folder).map(({ id }) => id)
  const letters = readLetters(folder)
  printFigures(name, {
    cases: cases.length,
    'bytes of the damaged batches': cases.reduce((sum, { raw }) => sum + raw.length, 0),
    'handled of good batches': `${ids.length} of ${ahead + behind}`,
    'handled twice': ids.length - new Set(ids).size,
    'held, until all are (ms)': Math.round(heldAfter),
    'fetch errors counted': errors,
    restarts: metric(inMetrics, 'onchain_consumer_restarts_total'),
    'dead letters, one a batch': letters.length,
    'records in these': metric(kept, 'onchain_consumer_corrupt_records_total'),
    'process memory, peak, held : kept (MiB)': `${memory} : ${memoryKeeping}`,
  })
  checkCalm(inMetrics, holding)
  checkCalm(kept, keeping)
  assert.equal(metric(inMetrics, 'onchain_consumer_partition_problem', 'corrupt'), cases.length)
  for (const { topic } of cases) {
    const own = metric(inMetrics, 'onchain_consumer_fetch_errors_total', `topic="${topic}"`)
    assert.ok(own >= 1 && own <= maxLooks, `${topic} was fetched in vain ${own} times`)
    const lines = said.filter((line) => line['topic'] === topic)
    assert.ok(lines.length >= 1 && lines.length <= maxLooks, `${topic}: ${lines.length} lines`)
    assert.ok(lines.every(({ level }) => level === 'error'))
  }
  assert.equal(ids.length, ahead + behind)
  assert.equal(new Set(ids).size, ids.length, 'each once')
  checkLetters(cases, letters)
  const records = cases.reduce((sum, each) => sum + each.lastOffset - each.firstOffset + 1, 0)
  assert.equal(metric(kept, 'onchain_consumer_corrupt_batches_total'), cases.length)
  assert.equal(metric(kept, 'onchain_consumer_corrupt_records_total'), records)
}

/** Up to its end, or to what is damaged. */
function isFinished({ partition, committed, lag }: PartitionOfLag): boolean {
  return partition === DAMAGED ? committed === BATCH_RECORDS : lag === 0
}

function checkHeld(cases: readonly DamagedCase[], partitions: readonly PartitionOfLag[]): void {
  for (const { topic, codec, firstOffset, lastOffset } of cases) {
    const found = partitions.find((partition) => partition.topic === topic)
    assert.ok(found?.problem, topic)
    assert.equal(found.partition, DAMAGED)
    assert.equal(found.problem.reason, 'corrupt')
    const { code, ...where } = found.problem.damage
    assert.match(code, /^OCC_BATCH_/)
    assert.deepEqual(where, { codec, firstOffset, lastOffset }, topic)
    assert.match(found.problem.message, new RegExp(`offset ${firstOffset} of ${topic}`))
    assert.ok(Date.parse(found.problem.since) > 0)
  }
}

/** No member began again, and nothing moved once it was assigned. */
function checkCalm(metrics: string, service: Service): void {
  // Before it was a member the broker made the place of the group's offsets.
  const lines = service.log()
  const joined = lines.findIndex(({ event }) => event === 'group.rebalanced')
  const early = lines.slice(0, joined).filter(({ event }) => event === 'member.restarting').length
  assert.equal(metric(metrics, 'onchain_consumer_restarts_total') - early, 0)
  assert.equal(metric(metrics, 'onchain_consumer_rebalances_total', 'kind="assigned"'), 1)
  assert.equal(metric(metrics, 'onchain_consumer_rebalances_total', 'kind="revoked"'), 0)
  assert.equal(metric(metrics, 'onchain_consumer_rebalances_total', 'kind="lost"'), 0)
}

function checkLetters(
  cases: readonly DamagedCase[],
  letters: ReturnType<typeof readLetters>,
): void {
  assert.equal(letters.length, cases.length)
  for (const { topic, firstOffset, raw } of cases) {
    const letter = letters.find(({ record }) => record.topic === topic)
    assert.ok(letter, topic)
    assert.equal(letter.record.partition, DAMAGED)
    assert.equal(letter.record.offset, firstOffset)
    assert.ok(letter.record.value?.equals(raw), `${topic}: not the bytes as they are on the disk`)
    assert.match(letter.errorType, /^OCC_BATCH_/)
  }
}

function configOf(corruptBatches: 'hold' | 'keep') {
  return { deadLetters: { corruptBatches }, ...TEXT }
}

async function partitionsOf(service: Service): Promise<PartitionOfLag[]> {
  const { partitions } = JSON.parse((await service.get('/lag')).body)
  assert.ok(partitions.length > 0)
  return partitions
}

async function held(service: Service): Promise<PartitionOfLag[]> {
  return (await partitionsOf(service)).filter(({ pausedBy }) => pausedBy === 'corrupt')
}
