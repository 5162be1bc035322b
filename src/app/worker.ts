// Entry point of a worker thread: runs the configured handlers. Log, sinks and meters stay in the
// main thread.
import { parentPort, workerData } from 'node:worker_threads'
import { readRawBatch } from '../broker/batch/fetched-batch.ts'
import { lz4Codec } from '../decode/lz4/codec.ts'
import { OccError } from '../kernel/errors.ts'
import { systemClock } from '../kernel/time/clock.ts'
import { createMeters } from '../observe/meters/meters.ts'
import { serialize } from '../sink/emit/serialize.ts'
import { createTracing } from '../tracing/tracing.ts'
import { createThread, type ThreadOptions } from '../workers/thread/thread.ts'
import { createHandling } from './create-handling.ts'
import type { WorkerData } from './create-processing.ts'
import { createUncaught } from './uncaught.ts'

if (parentPort === null) {
  throw new OccError('OCC_WORKER', 'worker.ts is not a program: the service starts it.')
}
/** Replaced when live keys change. */
let { config } = workerData as WorkerData
const { transacts } = workerData as WorkerData
const meters = createMeters()
const options: ThreadOptions = {
  get logLevel() {
    return config.log.level
  },
  get atOnce() {
    return config.processing.concurrency
  },
  read: (raw, place, from) => readRawBatch(raw, place, from, lz4Codec),
}
const { log, emit, noTransaction, serve } = createThread(parentPort, meters, options, serialize)
const tracing = createTracing(config.tracing, log.child({ room: 'tracing' }))
const handling = createHandling(config, {
  ...{ emit, meters, clock: systemClock, log },
  ...{ transacts, noTransaction, usesWorkers: true },
  tracing: tracing?.ofGroup(config.kafka.groupId).calls ?? null,
})
const uncaught = createUncaught({ handling, meters, log })
process.on('unhandledRejection', (error) => void uncaught('rejection', error))
process.on('uncaughtException', (error) => {
  // Rethrown, it ends this thread, and the pool handles that.
  if (uncaught('exception', error) !== null) throw error
})
await serve({
  ...handling,
  async close() {
    await handling.close()
    await tracing?.flush()
  },
  async configure(data) {
    const next = (data as WorkerData).config
    const apply = await handling.prepare(next)
    config = next
    apply()
  },
})
