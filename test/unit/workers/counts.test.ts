import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createSynthesizer } from '../../../dev/synthetic/synthesizer.ts'
import type { Meters } from '../../../src/observe/types.ts'
import { TOPIC } from './processing.ts'
import { fetchedOf, startFlow } from './wholes.ts'

const PARTITIONS = [0, 1, 2]
const RECORDS = 120
const IN_BATCH = 20

/** Skips some records, fails others once, and is too slow for one. */
const COUNTER = `
const seen = new Set()
export default {
  name: 'counter',
  async handle({ record: { offset, partition } }, { skip, dead }) {
    if (offset % 11 === 7) return skip('not now')
    if (offset % 29 === 3) return dead('never')
    if (offset === 0) await new Promise((resolve) => setTimeout(resolve, 400))
    if (offset % 13 !== 5 || seen.has(partition + '/' + offset)) return
    seen.add(partition + '/' + offset)
    throw new Error('not yet')
  },
}`

/** Events, some of which come twice or cannot be read, and what cannot be decoded at all. */
function streamOf(partition: number): Array<Buffer | null> {
  const synthesizer = createSynthesizer({
    ...{ seed: 100 + partition, stream: 'solana', lz4Share: 0.5 },
    ...{ duplicateShare: 0.1, poisonShare: 0.05, poisonKinds: ['bit-flip', 'broken-json'] },
  })
  return Array.from({ length: RECORDS }, (_, index) => {
    const { value, lz4 } = synthesizer.next()
    if (index % 40 === 9) return null
    if (lz4 || index % 10 !== 1) return value
    return Buffer.from(value.toString().replace(/"InstructionIndex":\d+/, '"InstructionIndex":"x"'))
  })
}

/** All that is counted, with the number of observations in the place of what was measured. */
function countsOf(value: unknown): unknown {
  if (value instanceof Map) return countsOf(Object.fromEntries(value))
  if (typeof value !== 'object' || value === null) return value
  if ('snapshot' in value && typeof value.snapshot === 'function') return value.snapshot().count
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, countsOf(one)]))
}

/** How much was counted, or how many labels it has. */
function sizeOf(value: unknown): number {
  const counts = countsOf(value)
  return typeof counts === 'object' && counts !== null ? Object.keys(counts).length : Number(counts)
}

async function count(t: TestContext, workers: number): Promise<Meters> {
  const flow = await startFlow(t, COUNTER, {
    processing: { workers },
    handler: { timeout: '200ms' },
    deduplication: { window: 1_000 },
    filter: { minAmount: '1' },
  })
  const assignment = flow.assign(PARTITIONS)
  for (const partition of PARTITIONS) {
    const values = streamOf(partition)
    for (let from = 0; from < values.length; from += IN_BATCH) {
      const own = values.slice(from, from + IN_BATCH)
      flow.listener.batch(fetchedOf(partition, from, own))
    }
  }
  await flow.whenFinished(PARTITIONS.length * RECORDS)
  await flow.engine.drain(5_000)
  const committed = PARTITIONS.map((partition) => assignment.committed(partition))
  assert.deepEqual(
    committed,
    PARTITIONS.map(() => RECORDS),
  )
  await flow.handling.close()
  return flow.meters
}

test('all counts of records and handlers are the same with and without workers', async (t) => {
  const [inline, threaded] = [await count(t, 0), await count(t, 2)]
  const all = ({ topics, handlers }: Meters) => countsOf({ topics, handlers })
  assert.deepEqual(all(threaded), all(inline))
  // What the stream does not show is not compared; here is no broker, no redrive and no operator.
  const unseen = [
    'carriedOver',
    'recordsLost',
    'recordsCut',
    'corruptBatches',
    'corruptRecords',
    'fetchErrors',
    'passedBy',
    'operatorSkipped',
    // There is no place for parked records.
    'parked',
    'parkedAttempts',
    'later',
  ]
  for (const [name, value] of Object.entries(inline.topic(TOPIC))) {
    if (!unseen.includes(name)) assert.ok(sizeOf(value) > 0, `the stream shows ${name}`)
  }
  const { outcomes, timeouts } = inline.handler('counter')
  for (const [name, value] of Object.entries({ ...outcomes, timeouts })) {
    if (!unseen.includes(name)) assert.ok(value > 0, `the stream shows ${name}`)
  }
})
