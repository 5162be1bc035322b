import { codeOf, messageOf, type OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { partitionName, type TopicPartition } from '../../kernel/record.ts'
import type { WorkerMeter } from '../../observe/types.ts'
import { type Chunk, type ChunkResult, type PendingChunk, untouched } from './chunk.ts'
import { Desk } from './worker-queue.ts'
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
 * Worker threads, and which partition is at which: it stays there, as what is remembered of its
 * records (attempts, duplicates) is there. It moves when its worker ends.
 */
export interface WorkerPool {
  /** Resolves when so many workers are ready; rejects with what is wrong with the handlers. */
  start(workers: number): Promise<void>
  /** Never rejects. */
  hand(chunk: Chunk): Promise<ChunkResult>
  /** Chunks of the lane are answered `untouched`, unless they are finished. */
  closeLane(lane: number, partition: TopicPartition): void
  /** Whole batches of the lane go on no further: what is not begun is answered `untouched`. */
  haltLane(lane: number): void
  /** No attempt at the record follows. */
  settled(lane: number, partition: TopicPartition, offset: number): void
  /** Adds workers, or lets some of them go once their partitions have moved. */
  resize(workers: number): void
  /** To those that are there; new ones begin with it. */
  configure(data: unknown): void
  /** Hung workers, partitions that can move, meters. Called once a second. */
  lookAfter(): PoolLoad
  close(): Promise<void>
}

interface Place {
  desk: Desk
  /** Chunks that are not answered. */
  chunks: number
  /** Records of which an attempt failed, and whose next one may follow. */
  readonly failed: Set<number>
}

/** Milliseconds for closing handlers; the handlers' own deadline is shorter. */
const STOP_DEADLINE = 7_000
/** Milliseconds that a worker must live for its end to count as a single mishap. */
const HEALTHY = 10_000
/** Of a worker whose handlers do not open; of one that its records end: those have a backoff of their own. */
const MOST_BACKOFF = { neverReady: 30_000, wasReady: 1_000 }

export function createPool({ startThread, meter, log, now }: PoolParts): WorkerPool {
  const desks = new Set<Desk>()
  const places = new Map<string, Place>()
  /** Nobody is there to take them. */
  let orphans: PendingChunk[] = []
  let wanted = 0
  let deathsInRow = 0
  let respawning: NodeJS.Timeout | undefined
  let isClosed = false

  function addDesk(): Desk {
    const desk = new Desk({ start: startThread, now, ended })
    desks.add(desk)
    desk.ready.then(
      () => {
        meter.workers = desks.size
        log.info({ event: 'worker.ready', workers: desks.size }, 'A worker thread is ready')
        for (const orphan of orphans.splice(0)) put(orphan)
      },
      () => {},
    )
    return desk
  }

  function ended(desk: Desk, unsent: readonly PendingChunk[], error: OccError): void {
    desks.delete(desk)
    meter.workers = desks.size
    for (const [name, place] of places) if (place.desk === desk) places.delete(name)
    if (desk.isRetiring || isClosed) {
      // What came while it was closing found nobody, and nobody else says that there may be one now.
      for (const pending of [...unsent, ...orphans.splice(0)]) put(pending)
      return
    }
    const reason = error.code === 'OCC_WORKER_HUNG' ? 'hung' : 'died'
    meter.replaced[reason] += 1
    log.error({ event: `worker.${reason}`, code: codeOf(error) }, messageOf(error))
    deathsInRow = now() - desk.startedAt > HEALTHY ? 0 : deathsInRow + 1
    // All records wait meanwhile: for a few bad ones among them it must not be long.
    respawn(desk.wasReady ? MOST_BACKOFF.wasReady : MOST_BACKOFF.neverReady)
    for (const pending of unsent) put(pending)
  }

  /** @param most milliseconds to wait. */
  function respawn(most: number): void {
    const pause = deathsInRow < 2 ? 0 : Math.min(100 * 2 ** deathsInRow, most)
    respawning ??= setTimeout(() => {
      respawning = undefined
      refill(Math.min(orphans.length, 1))
    }, pause)
  }

  /** Where no thread can be made just now (too many in the pod, no memory), it is tried again. */
  function refill(least = 0): void {
    try {
      fill(least)
    } catch (problem) {
      deathsInRow += 1
      log.error({ event: 'worker.not-started', code: codeOf(problem) }, messageOf(problem))
      respawn(MOST_BACKOFF.neverReady)
    }
  }

  function fill(least = 0): void {
    if (isClosed) return
    const active = [...desks].filter((desk) => !desk.isRetiring)
    for (let count = active.length; count < Math.max(wanted, least); count++) addDesk()
    if (desks.size > 0) for (const orphan of orphans.splice(0)) put(orphan)
  }

  /** The one with least to do, which is ready if any is. */
  function chooseDesk(): Desk | undefined {
    const counts = new Map<Desk, number>()
    for (const { desk } of places.values()) counts.set(desk, (counts.get(desk) ?? 0) + 1)
    const weight = (desk: Desk) =>
      (desk.isReady ? 0 : 1e6) + (counts.get(desk) ?? 0) * 100 + desk.load
    return [...desks]
      .filter((desk) => !desk.isRetiring)
      .sort((one, other) => weight(one) - weight(other))[0]
  }

  function placeOf(partition: TopicPartition): Place | undefined {
    const name = partitionName(partition)
    let place = places.get(name)
    const mayMove = place?.chunks === 0 && place.failed.size === 0 && place.desk.isRetiring
    if (place !== undefined && !mayMove) return place
    const desk = chooseDesk()
    if (desk === undefined) return place
    place = { desk, chunks: 0, failed: new Set() }
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
      // None was wanted, but a partition has not heard of it.
      if (desks.size === 0 && wanted === 0) refill(1)
      return
    }
    place.chunks += 1
    place.desk.hand({
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
      // What was done at the first attempt is not in there: to find out its offset may take long.
      if (answer === 'untouched' || (!isAgain && failed.size === 0)) continue
      const offset = chunk.offsetAt(index)
      if (offset === null) continue
      if (isAgain) failed.add(offset)
      else failed.delete(offset)
    }
  }

  /** Partitions that have nothing in hand leave a worker that is to go, and then it goes. */
  function retire(): void {
    for (const desk of desks) {
      if (!desk.isRetiring) continue
      const own = [...places].filter(([, place]) => place.desk === desk)
      for (const [name, { chunks, failed }] of own) {
        if (chunks === 0 && failed.size === 0) places.delete(name)
      }
      const isFree = ![...places.values()].some((place) => place.desk === desk)
      if (isFree && desk.load === 0) void desk.stop(STOP_DEADLINE)
    }
  }

  /** A new worker gets its share of the partitions, once they have nothing in hand. */
  function spread(): void {
    const active = [...desks].filter((desk) => desk.isReady && !desk.isRetiring)
    const fair = Math.ceil(places.size / Math.max(1, active.length))
    for (const desk of active) {
      const own = [...places].filter(([, place]) => place.desk === desk)
      for (const [name, { chunks, failed }] of own.slice(fair)) {
        if (chunks === 0 && failed.size === 0) places.delete(name)
      }
    }
  }

  return {
    async start(workers) {
      wanted = workers
      fill()
      try {
        await Promise.all([...desks].map((desk) => desk.ready))
      } catch (error) {
        await this.close()
        throw error
      }
    },
    hand: (chunk) => new Promise((resolve) => put({ chunk, resolve })),
    haltLane(lane) {
      const isGone = ({ chunk }: PendingChunk) => chunk.lane === lane && chunk.isWhole
      const gone = orphans.filter(isGone)
      orphans = orphans.filter((pending) => !isGone(pending))
      for (const { chunk, resolve } of gone) resolve(untouched(chunk))
      for (const desk of desks) desk.haltLane(lane)
    },
    closeLane(lane, partition) {
      const gone = orphans.filter(({ chunk }) => chunk.lane === lane)
      orphans = orphans.filter(({ chunk }) => chunk.lane !== lane)
      for (const { chunk, resolve } of gone) resolve(untouched(chunk))
      for (const desk of desks) desk.closeLane(lane)
      places.get(partitionName(partition))?.failed.clear()
    },
    settled(lane, partition, offset) {
      const place = places.get(partitionName(partition))
      place?.failed.delete(offset)
      place?.desk.post({ kind: 'settled', lane, offset })
    },
    resize(workers) {
      wanted = workers
      const active = [...desks].filter((desk) => !desk.isRetiring)
      const surplus = Math.max(0, active.length - workers)
      active.sort((one, other) => one.load - other.load)
      for (const desk of active.slice(0, surplus)) desk.isRetiring = true
      refill()
    },
    configure(data) {
      for (const desk of desks) desk.post({ kind: 'configure', data })
    },
    lookAfter() {
      for (const desk of desks) desk.lookAfter()
      retire()
      spread()
      const all = [...desks]
      const sum = (of: (desk: Desk) => number) => all.reduce((total, desk) => total + of(desk), 0)
      const utilization = sum((desk) => desk.utilization()) / Math.max(1, all.length)
      meter.utilization = utilization
      meter.waiting = sum((desk) => desk.waiting) + orphans.length
      meter.bytesInFlight = sum((desk) => desk.sentBytes)
      return { workers: all.length, utilization, waiting: meter.waiting }
    },
    async close() {
      isClosed = true
      clearTimeout(respawning)
      for (const { chunk, resolve } of orphans.splice(0)) resolve(untouched(chunk))
      await Promise.all([...desks].map((desk) => desk.stop(STOP_DEADLINE)))
    },
  }
}
