import type { TestContext } from 'node:test'
import { FetchedBatch } from '../../../src/broker/batch/fetched-batch.ts'
import { readHeader } from '../../../src/broker/batch/header.ts'
import { lz4Codec } from '../../../src/decode/lz4/codec.ts'
import { type RecordToWrite, writeBatch } from '../../support/records/record-batches.ts'
import { assign, createFlow, type FlowChanges, until } from '../flow/harness/harness.ts'
import { startWorkers, TOPIC } from './processing.ts'

const options = { maxBatchBytes: 1 << 20, lz4: lz4Codec }

/** A batch as it is fetched, of these documents (or bytes) from an offset on. */
export function fetchedOf(
  partition: number,
  from: number,
  values: readonly unknown[],
  over: {
    readonly codec?: number
    readonly body?: Buffer
    readonly timestamp?: number
    /** Of each record. */
    readonly headers?: ReadonlyArray<NonNullable<RecordToWrite['headers']>>
  } = {},
): FetchedBatch {
  const { timestamp = 1_700_000_000_000, headers = [], ...batch } = over
  const records = values.map((value, index): RecordToWrite => {
    const isBytes = Buffer.isBuffer(value) || value === null
    const bytes = isBytes ? value : Buffer.from(JSON.stringify(value))
    return { value: bytes, key: 'a key', timestamp, headers: headers[index] ?? [] }
  })
  const bytes = writeBatch({ baseOffset: from, records, codec: 3, ...batch })
  const place = { topic: TOPIC, partition, from, endOffset: from + values.length }
  return new FetchedBatch(readHeader(bytes, 0), bytes, place, options)
}

/** The flow, with handlers in threads that are real. */
export async function startFlow(
  t: TestContext,
  source: string,
  settings: object = {},
  over: FlowChanges = {},
) {
  const workers = await startWorkers(t, source, settings)
  const { handling, meters } = workers
  const flow = createFlow(t, {
    meters,
    openProcessor: (partition) => handling.openProcessor(partition),
    options: { retry: { attempts: 3, backoff: 1, maxBackoff: 1 }, ...over },
  })
  const topic = meters.topic(TOPIC)
  const finished = () => topic.handled + topic.skipped + flow.letters.length
  return {
    ...workers,
    ...flow,
    finished,
    topic,
    assign(partitions: readonly number[]) {
      const assignment = assign(partitions)
      flow.listener.assigned(assignment)
      return assignment
    },
    /** With time: threads are at work. */
    async whenFinished(records: number) {
      const deadline = Date.now() + 20_000
      while (finished() < records && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      await until(() => finished() === records, `${records} records, of ${finished()}`)
    },
  }
}
