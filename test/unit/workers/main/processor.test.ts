import assert from 'node:assert/strict'
import test from 'node:test'
import { silent } from '../../../../src/workers/main/chunk.ts'
import type { WorkerPool } from '../../../../src/workers/main/pool.ts'
import { WorkerProcessor } from '../../../../src/workers/main/processor.ts'
import { recordAt } from '../processing.ts'

test('between two records a partition moves to the other place when the next one is handed over, not when it is asked what it takes', async () => {
  const seen: string[] = []
  const inner = {
    process() {
      seen.push('handled here')
      return { kind: 'ok' as const }
    },
    settled: () => void seen.push('settled here'),
  }
  const pool: WorkerPool = {
    async hand() {
      seen.push('handled there')
      return silent([{ kind: 'ok' }])
    },
    settled: () => void seen.push('settled there'),
    start: async () => {},
    closeLane() {},
    haltLane() {},
    resize() {},
    configure() {},
    tick: () => assert.fail('nobody looks'),
    close: async () => {},
  }
  const placement = { inWorkers: true, worked() {} }
  const partition = { topic: 'a', partition: 0 }
  const processor = new WorkerProcessor(inner, pool, placement, partition, null)
  const { signal } = new AbortController()
  const [first, second] = [recordAt(1), recordAt(2)]
  await processor.process(first, signal)
  placement.inWorkers = false
  assert.equal(processor.slice, undefined, 'the next record is not for workers')
  assert.equal(processor.batches, undefined)
  processor.settled(first)
  await processor.process(second, signal)
  processor.settled(second)
  assert.deepEqual(seen, ['handled there', 'settled there', 'handled here', 'settled here'])
})
