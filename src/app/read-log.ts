import { setImmediate as nextTurn } from 'node:timers/promises'
import { createLogReader, type LogPart } from '../broker/reading/log-reader.ts'
import type { BatchDamage, LostRange, OffsetRange, RecordBatch } from '../broker/types.ts'
import type { Config } from '../config/types.ts'
import { lz4Codec } from '../decode/lz4/codec.ts'
import { toOccError } from '../kernel/errors.ts'
import { type Log, silentLog } from '../kernel/log.ts'
import type { KafkaRecord } from '../kernel/shapes/record.ts'
import { systemClock } from '../kernel/time/clock.ts'
import { BatchQueue, type PartItem } from './batch-queue.ts'
import { brokerOptions, memberOptions } from './room-options.ts'

export type LogItem =
  | { readonly kind: 'records'; readonly records: readonly KafkaRecord[] }
  | PartItem
  /** A batch that stays unreadable. */
  | { readonly kind: 'damaged'; readonly range: LostRange; readonly damage: BatchDamage }
  /** Everything that was fetched so far was handed over. */
  | { readonly kind: 'waiting' }

export interface LogStreamParts {
  readonly log: Log
  readonly signal: AbortSignal
  /** The records of an item are not used once the next one is asked for: their memory is freed. */
  readonly borrows?: boolean
}

/** Of one answer of a broker. */
const MAX_ANSWER = 4 * 1024 * 1024
/** Milliseconds after which fetches get their turn. */
const TURN = 10

/**
 * The records of parts of partitions, in the order of each partition; between partitions there is
 * no order. Ends when all parts were read, or the signal aborts. At most 8 MB, or 64 KiB for each
 * partition, wait to be read.
 */
export async function* readLog(
  config: Config,
  parts: readonly LogPart[],
  { log, signal, borrows = false }: LogStreamParts,
): AsyncGenerator<LogItem> {
  const queue = new BatchQueue(parts)
  const { fetch, ...ofMember } = memberOptions(config, 0)
  const options = {
    ...{ ...ofMember, name: 'read', corruptBatches: 'keep' as const },
    fetch: { ...fetch, maxBytes: Math.min(fetch.maxBytes, MAX_ANSWER) },
  }
  const reader = createLogReader(brokerOptions(config), options, parts, queue.listener, {
    clock: systemClock,
    log,
    lz4: lz4Codec,
  })
  reader.failed.catch((error) => queue.fail(error))
  const stop = () => queue.wake()
  signal.addEventListener('abort', stop)
  try {
    await reader.start()
    let turn = performance.now()
    while (!signal.aborted && !queue.isOver) {
      const next = queue.take()
      if (next === null) {
        yield { kind: 'waiting' }
        await queue.filled()
        continue
      }
      if ('kind' in next) {
        yield next
        continue
      }
      const item = itemOf(next.batch, borrows, (error) => {
        queue.again(next.batch)
        reader.unreadable(next.batch, toOccError(error, 'OCC_BATCH_CORRUPT'))
      })
      for (const part of queue.resumable(next.batch)) reader.resume(part)
      if (item !== null) yield item
      if (borrows && item?.kind === 'records') next.batch.free?.()
      if (performance.now() - turn < TURN) continue
      await nextTurn()
      turn = performance.now()
    }
  } finally {
    signal.removeEventListener('abort', stop)
    await reader.stop()
  }
}

/** Says nothing: what is wrong with a partition is said where it is consumed. */
export function readQuietly(config: Config) {
  return (parts: readonly LogPart[], signal: AbortSignal) =>
    readLog(config, parts, { log: silentLog, signal, borrows: true })
}

function itemOf(
  batch: RecordBatch,
  borrows: boolean,
  unreadable: (error: unknown) => void,
): LogItem | null {
  const { topic, partition, from, nextOffset: to, damage } = batch
  if (damage !== null) return { kind: 'damaged', range: { topic, partition, from, to }, damage }
  if (batch.count === 0) return null
  try {
    const records = borrows ? (batch.borrow?.() ?? batch.read()) : batch.read()
    return { kind: 'records', records }
  } catch (error) {
    unreadable(error)
    return null
  }
}

/** For people: `offsets 3 to 7`. */
export function rangeText({ from, to }: OffsetRange): string {
  return to - from === 1 ? `offset ${from}` : `offsets ${from} to ${to - 1}`
}
