import { messageOf, OccError } from '../../kernel/errors.ts'
import type { ToWorker, WorkerAnswer, WriteRequest } from '../protocol.ts'
import { countStates, createStates, IN_FLIGHT, type SliceStates } from '../slice-state.ts'
import { fromWireError } from '../wire.ts'
import { type Chunk, type ChunkResult, type PendingChunk, silent, withdraw } from './chunk.ts'
import { ChunkWrites, nobodyWaits } from './chunk-writes.ts'
import { answersOfDead, answersOfUnhanded, readAnswers } from './slice-answers.ts'
import type { WorkerThread, WorkerThreadEvents } from './worker-thread.ts'

/** Maximum number of unanswered chunks per worker, so that it need not wait for the next one. */
const MAX_SENT = 4
/** Maximum bytes of unanswered chunks; exceeded only by a single larger record. */
const MAX_BYTES = 4 * 1024 * 1024

interface Sent extends PendingChunk {
  readonly states: SliceStates
  readonly writes: ChunkWrites
  begun: number
  /** When progress was last seen; monotonic milliseconds. */
  progressAt: number
}

export interface WorkerQueueParts {
  start(events: WorkerThreadEvents): WorkerThread
  /** Monotonic milliseconds. */
  now(): number
  /** The worker ended; `unsent` chunks had not been sent. */
  ended(queue: WorkerQueue, unsent: readonly PendingChunk[], error: OccError): void
}

/** One worker and its queue of chunks: sent, or waiting to be sent. */
export class WorkerQueue {
  readonly #parts: WorkerQueueParts
  readonly #worker: WorkerThread
  readonly #sent = new Map<number, Sent>()
  #waiting: PendingChunk[] = []
  #sentBytes = 0
  #lastId = 0
  #isReady = false
  #wasReady = false
  #stopping: Promise<void> | null = null
  /** Takes no new partitions. */
  isRetiring = false
  readonly startedAt: number

  constructor(parts: WorkerQueueParts) {
    this.#parts = parts
    this.startedAt = parts.now()
    this.#worker = parts.start({
      answered: (answer) => this.#answered(answer),
      progressed: (id) => this.#progressed(id),
      write: (request) => this.#write(request),
      died: (error) => this.#died(error),
    })
    this.#worker.ready.then(
      () => {
        this.#isReady = true
        this.#wasReady = true
        this.#send()
      },
      (error) => this.#worker.terminate(error),
    )
  }

  get ready(): Promise<void> {
    return this.#worker.ready
  }

  get isReady(): boolean {
    return this.#isReady
  }

  /** Its handlers opened once, even if it has ended since. */
  get wasReady(): boolean {
    return this.#wasReady
  }

  /** Unanswered chunks. */
  get load(): number {
    return this.#sent.size + this.#waiting.length
  }

  get waiting(): number {
    return this.#waiting.length
  }

  get sentBytes(): number {
    return this.#sentBytes
  }

  utilization(): number {
    return this.#worker.utilization()
  }

  hand(pending: PendingChunk): void {
    this.#waiting.push(pending)
    this.#send()
  }

  post(message: ToWorker): void {
    this.#worker.post(message)
  }

  /** Drops this lane's waiting chunks and ignores the answers of its sent ones. */
  closeLane(lane: number): void {
    this.#waiting = withdraw(this.#waiting, (chunk) => chunk.lane === lane)
    this.post({ kind: 'close', lane })
  }

  /** Drops this lane's waiting whole batches; those already sent end soon. */
  haltLane(lane: number): void {
    this.#waiting = withdraw(this.#waiting, (chunk) => chunk.lane === lane && chunk.isWhole)
    this.post({ kind: 'halt', lane })
  }

  /** Ends the worker if one of its chunks has made no progress for too long. */
  tick(): void {
    const now = this.#parts.now()
    const writing = new Set<number>()
    for (const { chunk, writes } of this.#sent.values()) {
      if (writes.areUnderWay) writing.add(chunk.lane)
    }
    for (const sent of this.#sent.values()) {
      const { begun, inFlight } = countStates(sent.states)
      // Between two records of a chunk there is no moment in which none is in flight. A worker that
      // waits for the database does not hang, nor does a record whose event is being written for another one.
      if (begun !== sent.begun || inFlight === 0 || writing.has(sent.chunk.lane)) {
        sent.begun = begun
        sent.progressAt = now
      } else if (now - sent.progressAt > sent.chunk.hungAfter) {
        this.#worker.terminate(hung(sent, now - sent.progressAt))
        return
      }
    }
  }

  /** Resolves when it has ended. @param deadline Milliseconds. */
  stop(deadline: number): Promise<void> {
    this.#stopping ??= this.#worker.stop(deadline)
    return this.#stopping
  }

  terminate(error: OccError): void {
    this.#worker.terminate(error)
  }

  #send(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (!this.#isReady || !this.#mayTake(next)) return
      this.#waiting.shift()
      const { chunk } = next
      const id = ++this.#lastId
      try {
        const states = createStates(chunk.count)
        const { lane, topic, partition, ordered } = chunk
        const { replay = null, isBack = false, parked = null } = chunk
        const isWritten = chunk.writer !== null
        const packed = chunk.pack()
        const place = { lane, topic, partition, replay, isBack, parked }
        const task = { id, ...place, states: states.buffer, ordered, isWritten, ...packed }
        this.#worker.post(task, [packed.kind === 'slice' ? packed.packed : packed.bytes])
        const writes = new ChunkWrites(chunk, this.#parts.now)
        this.#sent.set(id, { ...next, states, writes, begun: 0, progressAt: this.#parts.now() })
        this.#sentBytes += chunk.bytes
      } catch (problem) {
        next.resolve(unhanded(chunk, new Uint8Array(chunk.count), problem))
      }
    }
  }

  #mayTake({ chunk }: PendingChunk): boolean {
    if (this.#sent.size === 0) return true
    const isAlone = chunk.alone || [...this.#sent.values()].some((sent) => sent.chunk.alone)
    return !isAlone && this.#sent.size < MAX_SENT && this.#sentBytes + chunk.bytes <= MAX_BYTES
  }

  /** All records of a batch are in flight from the beginning: their states do not change. */
  #progressed(id: number): void {
    const sent = this.#sent.get(id)
    if (sent !== undefined) sent.progressAt = this.#parts.now()
  }

  /** A worker whose partition has moved is refused by the writer. */
  async #write({ lane, records, writes }: WriteRequest): Promise<void> {
    const [first] = records
    const sent = [...this.#sent.values()].find(
      (each) => each.chunk.lane === lane && first !== undefined && each.writes.has(first),
    )
    if (sent === undefined) throw nobodyWaits()
    await sent.writes.write(records, writes)
  }

  #answered(answer: WorkerAnswer): void {
    const sent = this.#sent.get(answer.id)
    if (sent === undefined) return
    this.#sent.delete(answer.id)
    this.#sentBytes -= sent.chunk.bytes
    if (answer.error !== null) {
      const states = sent.writes.correct(sent.states)
      sent.resolve(unhanded(sent.chunk, states, fromWireError(answer.error)))
      this.#send()
      return
    }
    const { batches, times, handlers } = answer
    const milliseconds = worked(sent, answer)
    const answers = answer.isDone ? [] : readAnswers(sent.states, answer)
    sent.resolve(silent(answers, { milliseconds, batches, times, handlers }))
    this.#send()
  }

  #died(error: OccError): void {
    this.#isReady = false
    const all = [...this.#sent.values()]
    this.#sent.clear()
    this.#sentBytes = 0
    const unsent = this.#waiting.splice(0)
    // First, so that the reactions to the answers find another worker.
    this.#parts.ended(this, unsent, error)
    if (all.some(({ writes }) => writes.areUnderWay)) {
      void Promise.all(all.map(({ writes }) => writes.ended())).then(() => answerDead(all, error))
    } else {
      answerDead(all, error)
    }
  }
}

/**
 * Milliseconds that decide how much is sent at once. Without an order, records wait for the database
 * together: that takes as long for a few as for many.
 */
function worked({ chunk, writes }: Sent, { milliseconds }: WorkerAnswer): number {
  return chunk.ordered ? milliseconds : Math.max(0, milliseconds - writes.waited)
}

/** Answers the chunks of a worker that died. @param all nothing is under way for them */
function answerDead(all: readonly Sent[], error: OccError): void {
  const known = all.map((sent) => ({ ...sent, states: sent.writes.correct(sent.states) }))
  const inFlight = known.reduce((sum, { states }) => sum + countStates(states).inFlight, 0)
  for (const { chunk, states, resolve } of known) {
    const { handlers } = chunk
    const suspicious: number[] = []
    for (const [index, state] of states.entries()) {
      const offset = state === IN_FLIGHT ? chunk.offsetAt(index) : null
      if (offset !== null) suspicious.push(offset)
    }
    const answers = answersOfDead(states, { error, isSole: inFlight === 1, handlers })
    resolve(silent(answers, { suspicious, death: error }))
  }
}

/**
 * Records that did not reach the worker, or whose outcomes did not come back: they are sent alone
 * next time.
 */
function unhanded(
  chunk: Chunk,
  states: Uint8Array<ArrayBufferLike>,
  problem: unknown,
): ChunkResult {
  const error = new OccError(
    'OCC_WORKER_TASK',
    `The record could not be passed to a worker thread: ${messageOf(problem)}`,
    { cause: problem, retriable: true },
  )
  const answers = answersOfUnhanded(states, error)
  const open = chunk.isWhole ? [] : answers.keys().filter((index) => answers[index] === 'untouched')
  const suspicious = Array.from(open).flatMap((index) => chunk.offsetAt(index) ?? [])
  return silent(answers, { suspicious })
}

function hung({ chunk, states }: Sent, milliseconds: number): OccError {
  const { topic, partition } = chunk
  const offset = chunk.offsetAt(states.indexOf(IN_FLIGHT)) ?? -1
  return new OccError(
    'OCC_WORKER_HUNG',
    `A worker thread made no progress for ${Math.round(milliseconds / 1000)} s at ${topic}/${partition} offset ${offset}, and is replaced. ` +
      'Remedy: make the handler end and react to context.signal, or raise handlers[].timeout.',
    { retriable: true },
  )
}
