import { sleep as realSleep } from '../../src/kernel/lifecycle.ts'
import { systemClock } from '../../src/kernel/time/clock.ts'
import type {
  ProducedRecord,
  ProductionOptions,
  ProductionProgress,
  ProductionSummary,
  RecordProducer,
  Synthesizer,
  SyntheticMessage,
} from './types.ts'

/** At a slow rate, messages are collected for this long into one send. */
const tickMilliseconds = 20
/** If behind by more than this, the schedule moves: a broker's pause is not followed by a flood. */
const largestDebtMilliseconds = 1000

/**
 * Sends the synthesizer's messages at the requested rate until `count` are acknowledged or the
 * signal aborts. All created messages are sent, so the synthesizer's `expected` equals what the
 * brokers hold. One send is in progress at a time, which keeps the order of the stream within a
 * partition; the next batch is created meanwhile. Rejects with the producer's error. Does not close
 * the producer.
 */
export async function runProduction(
  synthesizer: Pick<Synthesizer, 'next'>,
  producer: Pick<RecordProducer, 'send'>,
  options: ProductionOptions,
  onProgress: (progress: ProductionProgress) => void = () => {},
  signal?: AbortSignal,
): Promise<ProductionSummary> {
  const { topic, rate, count, batchMessages = 500, batchBytes = 512 * 1024 } = options
  const { clock = systemClock, sleep = realSleep } = options
  const started = clock.monotonic()
  /** When message 0 would have been due at a constant rate. */
  let scheduleStart = started
  let made = 0
  let messages = 0
  let bytes = 0
  let sending: Promise<void> | undefined

  const progress = () => ({ messages, bytes, milliseconds: clock.monotonic() - started })
  /** Milliseconds until the next message is due; negative when it is late. */
  const untilDue = () => scheduleStart + ((made + 1) / rate) * 1000 - clock.monotonic()

  /** How many messages may be created now. */
  function due(): number {
    if (rate === 0) return count - made
    scheduleStart += Math.max(0, -untilDue() - largestDebtMilliseconds)
    const late = -untilDue()
    return late < 0 ? 0 : Math.min(1 + Math.floor((late / 1000) * rate), count - made)
  }

  async function settle(): Promise<void> {
    await sending
    sending = undefined
  }

  while (made < count && !signal?.aborted) {
    const room = due()
    if (room === 0) {
      await settle()
      await sleep(Math.max(tickMilliseconds, Math.ceil(untilDue())), signal)
      continue
    }
    const batch = makeBatch(Math.min(room, batchMessages))
    made += batch.records.length
    await settle()
    sending = producer.send(topic, batch.records).then(() => {
      messages += batch.records.length
      bytes += batch.bytes
      onProgress(progress())
    })
    // A rejection during the creation of the next batch is handled by settle(), not by the process.
    sending.catch(() => {})
    // Lets the send reach the socket, and timers and signals run, before the next batch.
    await new Promise((resolve) => setImmediate(resolve))
  }
  await settle()
  return { ...progress(), endedBy: made < count ? 'signal' : 'count' }

  function makeBatch(limit: number): { records: ProducedRecord[]; bytes: number } {
    const records: ProducedRecord[] = []
    let size = 0
    while (records.length < limit && (size < batchBytes || records.length === 0)) {
      const message = synthesizer.next()
      records.push(toRecord(message))
      size += message.value.length
    }
    return { records, bytes: size }
  }
}

function toRecord({ key, value, headers, partition }: SyntheticMessage): ProducedRecord {
  return partition === undefined ? { key, value, headers } : { key, value, headers, partition }
}
