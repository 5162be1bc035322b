import { availableParallelism } from 'node:os'
import type { Config } from '../config/types.ts'
import type { HandlerEmit } from '../handle/load/loaded-handler.ts'
import { createPool, type WorkerPool } from '../workers/main/pool.ts'
import { WorkerProcessor } from '../workers/main/processor.ts'
import { type WorkerLimits, WorkerScaling } from '../workers/main/scaling.ts'
import { startWorkerThread } from '../workers/main/worker-thread.ts'
import { createHandling, type Handling, type HandlingParts } from './create-handling.ts'

/** Start parameters of a worker thread. */
export interface WorkerData {
  readonly config: Config
  /** Records are finished in transactions that hold what handlers emit. */
  readonly transacts: boolean
}

/** The .ts file when run from src (type stripping), the .js file when run from dist. */
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js',
  import.meta.url,
)
const LOOK_INTERVAL = 1_000
const MIB = 1024 * 1024

/** Handles records in the main thread or in worker threads, according to `processing.workers`. */
export function createProcessing(
  config: Config,
  parts: HandlingParts & { readonly emit: HandlerEmit },
): Handling {
  const limits = workerLimits(config)
  // A function of the embedding program cannot be passed to another thread.
  if (limits.max === 0 || parts.handler !== undefined) {
    return createHandling(config, parts)
  }
  const { meters, clock } = parts
  const meter = meters.workers
  const log = parts.log.child({ room: 'workers' })
  const { transacts = false } = parts
  const inner = createHandling(config, { ...parts, opens: limits.auto, usesWorkers: true })
  const scaling = new WorkerScaling(limits)
  const measure = createMeasure()
  let data: WorkerData = { config, transacts }
  let timer: NodeJS.Timeout | undefined
  const pool: WorkerPool = createPool({
    startThread: (events) =>
      startWorkerThread(
        {
          entry: ENTRY,
          data,
          maxHeapMiB: Math.ceil(config.processing.workerMemory / MIB),
          emit: parts.emit,
          noTransaction: parts.noTransaction,
          meters,
          log: parts.log,
        },
        events,
      ),
    meter,
    log,
    now: () => clock.monotonic(),
  })
  const placement = {
    get inWorkers() {
      return scaling.scale.inWorkers
    },
    worked: measure.worked,
  }

  function look(): void {
    const { utilization, waiting } = pool.tick()
    let records = 0
    for (const topic of meters.topics.values()) records += topic.handled + topic.skipped
    const before = scaling.scale
    const change = scaling.look({ ...measure.read(records), utilization, waiting })
    meter.inWorkers = Number(scaling.scale.inWorkers)
    if (change === null) return
    const { inWorkers, workers, reason } = change
    pool.resize(workers)
    if (inWorkers !== before.inWorkers) meter.moves += 1
    const where = inWorkers ? `by ${workers} worker threads` : 'in the main thread'
    log.info(
      { event: 'workers.changed', workers, before: before.workers },
      `Records are now handled ${where}: ${reason}`,
    )
  }

  return {
    async start() {
      await inner.start()
      await pool.start(scaling.scale.workers)
      meter.inWorkers = Number(scaling.scale.inWorkers)
      timer = setInterval(look, LOOK_INTERVAL)
    },
    openProcessor(partition, writer = null) {
      const own = inner.openProcessor(partition, writer)
      return new WorkerProcessor(own, pool, placement, partition, writer)
    },
    names: inner.names,
    stray: inner.stray,
    inFlight: inner.inFlight,
    async prepare(changed) {
      const apply = await inner.prepare(changed)
      return () => {
        apply()
        data = { config: changed, transacts }
        pool.configure(data)
      }
    },
    async close() {
      clearInterval(timer)
      await pool.close()
      await inner.close()
    },
  }
}

/** Limits for the number of workers; a maximum of 0 means none. */
export function workerLimits({ processing }: Config): WorkerLimits {
  const { workers, minWorkers, maxWorkers } = processing
  if (workers !== 'auto')
    return { auto: false, min: Math.min(minWorkers ?? workers, workers), max: workers }
  // It respects cgroup limits and CPU affinity.
  const spare = availableParallelism() - 1
  const max = Math.min(maxWorkers ?? spare, spare)
  return { auto: true, min: Math.min(minWorkers ?? 1, max), max }
}

/** Measures what the main thread did since the last reading. */
function createMeasure() {
  let worked = 0
  let recordsBefore = 0
  let readAt = performance.now()
  let before = performance.eventLoopUtilization()
  return {
    worked(milliseconds: number): void {
      worked += milliseconds
    },
    read(records: number) {
      const now = performance.now()
      const elapsed = Math.max(1, now - readAt)
      const utilization = performance.eventLoopUtilization()
      const { utilization: loop } = performance.eventLoopUtilization(utilization, before)
      const sample = {
        loop: Number.isFinite(loop) ? loop : 0,
        handling: worked / elapsed,
        records: ((records - recordsBefore) / elapsed) * 1000,
      }
      worked = 0
      recordsBefore = records
      readAt = now
      before = utilization
      return sample
    },
  }
}
