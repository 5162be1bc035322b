import { codeOf, messageOf, type OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'
import type { WorkerMeter } from '../../observe/types.ts'
import { type Chunk, type ChunkResult, type PendingChunk, untouched, withdraw } from './chunk.ts'
import { WorkerQueue } from './worker-queue.ts'
import type { WorkerThread, WorkerThreadEvents } from './worker-thread.ts'

export interface PoolParts {
  startThread(events: WorkerThreadEvents): WorkerThread
  readonly meter: WorkerMeter
  readonly log: Log
  /** Monotonic milliseconds. */
  now(): number
}

/** What the workers did since the last look. */
export interface PoolLoad {
  readonly workers: number
  /** Mean share of the time that they were busy, 0 to 1. */
  readonly utilization: number
  /** Chunks that no worker had room for. */
  readonly waiting: number
}

/**
 * The worker threads and the assignment of partitions to them. A partition stays with its worker,
 * which remembers its records (attempts, duplicates), and moves when the worker ends.
 */
export interface WorkerPool {
  /** Resolves when `workers` workers are ready; rejects with the error of a handler. */
  start(workers: number): Promise<void>
  /** Never rejects. */
  hand(chunk: Chunk): Promise<ChunkResult>
  /** Answers the lane's chunks with `untouched`, unless they are finished. */
  closeLane(lane: number, partition: TopicPartition): void
  /** Stops the lane's whole batches: records not begun are answered `untouched`. */
  haltLane(lane: number): void
  /** The record gets no further attempt. */
  settled(lane: number, partition: TopicPartition, offset: number): void
  /** Adds workers, or removes some once their partitions have moved. */
  resize(workers: number): void
  /** Sent to existing workers; new ones begin with it. */
  configure(data: unknown): void
  /** Checks for hung workers, moves partitions, updates meters. Called once a second. */
  tick(): PoolLoad
  close(): Promise<void>
}

interface Place {
  queue: WorkerQueue
  /** Unanswered chunks. */
  chunks: number
  /** Records with a failed attempt that may get another one. */
  readonly failed: Set<number>
}

/** Milliseconds for closing handlers; the handlers' own deadline is shorter. */
const STOP_DEADLINE = 7_000
/** Milliseconds that a worker must live for its end to be treated as an isolated failure. */
const HEALTHY = 10_000
/**
 * Milliseconds, for workers whose handlers do not open, and for those killed by their records,
 * which have their own backoff.
 */
const MAX_BACKOFF = { neverReady: 30_000, wasReady: 1_000 }

export function createPool({ startThread, meter, log, now }: PoolParts): WorkerPool {
  const queues = new Set<WorkerQueue>()
  const places = new Map<string, Place>()
  /** Chunks without a worker. */
  let orphans: PendingChunk[] = []
  let wanted = 0
  let deathsInRow = 0
  let respawning: NodeJS.Timeout | undefined
  let isClosed = false

  function addQueue(): WorkerQueue {
    const queue = new WorkerQueue({ start: startThread, now, ended })
    queues.add(queue)
    queue.ready.then(
      () => {
        meter.workers = queues.size
        log.info({ event: 'worker.ready', workers: queues.size }, 'A worker thread is ready')
        for (const orphan of orphans.splice(0)) put(orphan)
      },
      () => {},
    )
    return queue
  }

  function ended(queue: WorkerQueue, unsent: readonly PendingChunk[], error: OccError): void {
    queues.delete(queue)
    meter.workers = queues.size
    for (const [name, place] of places) if (place.queue === queue) places.delete(name)
    if (queue.isRetiring || isClosed) {
      // Chunks that arrived while it closed found no worker, and only this tells them of a new one.
      for (const pending of [...unsent, ...orphans.splice(0)]) put(pending)
      return
    }
    const reason = error.code === 'OCC_WORKER_HUNG' ? 'hung' : 'died'
    meter.replaced[reason] += 1
    log.error({ event: `worker.${reason}`, code: codeOf(error) }, messageOf(error))
    deathsInRow = now() - queue.startedAt > HEALTHY ? 0 : deathsInRow + 1
    // All records wait meanwhile: a few bad records must not make that long.
    respawn(queue.wasReady ? MAX_BACKOFF.wasReady : MAX_BACKOFF.neverReady)
    for (const pending of unsent) put(pending)
  }

  /** @param most Maximum milliseconds to wait. */
  function respawn(most: number): void {
    const pause = deathsInRow < 2 ? 0 : Math.min(100 * 2 ** deathsInRow, most)
    respawning ??= setTimeout(() => {
      respawning = undefined
      refill(Math.min(orphans.length, 1))
    }, pause)
  }

  /** Retries if no thread can be started now (too many in the pod, no memory). */
  function refill(least = 0): void {
    try {
      fill(least)
    } catch (problem) {
      deathsInRow += 1
      log.error({ event: 'worker.not-started', code: codeOf(problem) }, messageOf(problem))
      respawn(MAX_BACKOFF.neverReady)
    }
  }

  function fill(least = 0): void {
    if (isClosed) return
    const active = [...queues].filter((queue) => !queue.isRetiring)
    for (let count = active.length; count < Math.max(wanted, least); count++) addQueue()
    if (queues.size > 0) for (const orphan of orphans.splice(0)) put(orphan)
  }

  /** The least loaded worker; a ready one if there is any. */
  function chooseQueue(): WorkerQueue | undefined {
    const counts = new Map<WorkerQueue, number>()
    for (const { queue } of places.values()) counts.set(queue, (counts.get(queue) ?? 0) + 1)
    const weight = (queue: WorkerQueue) =>
      (queue.isReady ? 0 : 1e6) + (counts.get(queue) ?? 0) * 100 + queue.load
    return [...queues]
      .filter((queue) => !queue.isRetiring)
      .sort((one, other) => weight(one) - weight(other))[0]
  }

  function placeOf(partition: TopicPartition): Place | undefined {
    const name = partitionName(partition)
    let place = places.get(name)
    if (place !== undefined && !(place.queue.isRetiring && isIdle(place))) return place
    const queue = chooseQueue()
    if (queue === undefined) return place
    place = { queue, chunks: 0, failed: new Set() }
    places.set(name, place)
    return place
  }

  function put(pending: PendingChunk): void {
    if (isClosed) {
      pending.resolve(untouched(pending.chunk))
      return
    }
    const place = placeOf(pending.chunk)
    if (place === undefined) {
      orphans.push(pending)
      // Pausing all workers was requested, but a partition has not been told yet.
      if (queues.size === 0 && wanted === 0) refill(1)
      return
    }
    place.chunks += 1
    place.queue.hand({
      chunk: pending.chunk,
      resolve(result) {
        place.chunks -= 1
        remember(place, pending.chunk, result)
        pending.resolve(result)
      },
    })
  }

  function remember({ failed }: Place, chunk: Chunk, { answers }: ChunkResult): void {
    for (const [index, answer] of answers.entries()) {
      const isAgain = answer !== 'untouched' && answer.kind === 'retry'
      // What the first attempt did is not included: finding its offset may take long.
      if (answer === 'untouched' || (!isAgain && failed.size === 0)) continue
      const offset = chunk.offsetAt(index)
      if (offset === null) continue
      if (isAgain) failed.add(offset)
      else failed.delete(offset)
    }
  }

  /** Lets partitions of this worker move to others, except for the first `kept` and busy ones. */
  function release(queue: WorkerQueue, kept = 0): void {
    const own = [...places].filter(([, place]) => place.queue === queue)
    for (const [name, place] of own.slice(kept)) if (isIdle(place)) places.delete(name)
  }

  /** Moves partitions without chunks in flight away from retiring workers, then ends those. */
  function retire(): void {
    for (const queue of queues) {
      if (!queue.isRetiring) continue
      release(queue)
      const isFree = ![...places.values()].some((place) => place.queue === queue)
      if (isFree && queue.load === 0) void queue.stop(STOP_DEADLINE)
    }
  }

  /** Gives a new worker its share of the partitions, once they have nothing in flight. */
  function spread(): void {
    const active = [...queues].filter((queue) => queue.isReady && !queue.isRetiring)
    const fair = Math.ceil(places.size / Math.max(1, active.length))
    for (const queue of active) release(queue, fair)
  }

  return {
    async start(workers) {
      wanted = workers
      fill()
      try {
        await Promise.all([...queues].map((queue) => queue.ready))
      } catch (error) {
        await this.close()
        throw error
      }
    },
    hand: (chunk) => new Promise((resolve) => put({ chunk, resolve })),
    haltLane(lane) {
      orphans = withdraw(orphans, (chunk) => chunk.lane === lane && chunk.isWhole)
      for (const queue of queues) queue.haltLane(lane)
    },
    closeLane(lane, partition) {
      orphans = withdraw(orphans, (chunk) => chunk.lane === lane)
      for (const queue of queues) queue.closeLane(lane)
      places.get(partitionName(partition))?.failed.clear()
    },
    settled(lane, partition, offset) {
      const place = places.get(partitionName(partition))
      place?.failed.delete(offset)
      place?.queue.post({ kind: 'settled', lane, offset })
    },
    resize(workers) {
      wanted = workers
      const active = [...queues].filter((queue) => !queue.isRetiring)
      const surplus = Math.max(0, active.length - workers)
      active.sort((one, other) => one.load - other.load)
      for (const queue of active.slice(0, surplus)) queue.isRetiring = true
      refill()
    },
    configure(data) {
      for (const queue of queues) queue.post({ kind: 'configure', data })
    },
    tick() {
      for (const queue of queues) queue.tick()
      retire()
      spread()
      const all = [...queues]
      const sum = (of: (queue: WorkerQueue) => number) =>
        all.reduce((total, queue) => total + of(queue), 0)
      const utilization = sum((queue) => queue.utilization()) / Math.max(1, all.length)
      meter.utilization = utilization
      meter.waiting = sum((queue) => queue.waiting) + orphans.length
      meter.bytesInFlight = sum((queue) => queue.sentBytes)
      return { workers: all.length, utilization, waiting: meter.waiting }
    },
    async close() {
      isClosed = true
      clearTimeout(respawning)
      for (const { chunk, resolve } of orphans.splice(0)) resolve(untouched(chunk))
      await Promise.all([...queues].map((queue) => queue.stop(STOP_DEADLINE)))
    },
  }
}

/** Its worker remembers nothing of the partition that is still needed. */
function isIdle({ chunks, failed }: Place): boolean {
  return chunks === 0 && failed.size === 0
}
