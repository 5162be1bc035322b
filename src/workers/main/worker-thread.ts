import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import type { EmittedRows, HandlerEmit, LoadedHandler } from '../../handle/load/loaded-handler.ts'
import { messageOf, OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { handlerCounters } from '../../observe/metrics/handlers.ts'
import type { Meters } from '../../observe/types.ts'
import { writeLine } from '../forwarded-log.ts'
import { addMeters } from '../meter-delta.ts'
import type { EmitRequest, FromWorker, ToWorker, WorkerAnswer, WriteRequest } from '../protocol.ts'
import { emittedValue } from '../thread/requests.ts'
import { fromWireError, toWireError } from '../wire.ts'

type Counters = typeof handlerCounters
type Gauge = {
  [Field in keyof Counters]: Counters[Field] extends { type: 'gauge' } ? Field : never
}[keyof Counters]

/** What a meter says of now. */
const NONE: Readonly<Record<Gauge, number>> = { inFlight: 0, waiting: 0, hanging: 0 }
const GAUGES = Object.keys(NONE) as Gauge[]

/** A third of a thread's young generation. The main thread has twice that (`npm start`), but is one. */
const SEMI_SPACE_MIB = 8

export interface WorkerThreadParts {
  /** Module of the worker; it creates a `Thread` and serves. */
  readonly entry: URL
  /** Start data of the thread; must be cloneable. */
  readonly data: unknown
  /** Of what its heap keeps; beyond it the thread is ended. */
  readonly maxHeapMiB: number
  readonly emit: HandlerEmit
  /** As of a handler in this thread. */
  readonly noTransaction?: LoadedHandler['noTransaction']
  readonly meters: Meters
  readonly log: Log
}

export interface WorkerThreadEvents {
  answered(answer: WorkerAnswer): void
  /** The slice makes progress. */
  progressed(id: number): void
  /** Resolves when it is written. Rejects as `RecordWriter.write` does. */
  write(request: WriteRequest): Promise<void>
  /** It has ended, by itself or terminated. Called once. */
  died(error: OccError): void
}

/** One worker thread, as seen from the main thread. */
export interface WorkerThread {
  /** Resolves when its handlers are open; rejects with the error of opening them. */
  readonly ready: Promise<void>
  post(message: ToWorker, transfer?: ArrayBuffer[]): void
  /** Share of the time since the last call that it was busy, 0 to 1. */
  utilization(): number
  /** Lets it close its handlers; terminates it at the deadline, milliseconds. */
  stop(deadline: number): Promise<void>
  /** Terminates it at once. @param error Reported for its records. */
  terminate(error: OccError): void
}

export function startWorkerThread(
  parts: WorkerThreadParts,
  events: WorkerThreadEvents,
): WorkerThread {
  const { emit, meters, log } = parts
  // Of heaps to come: this thread's has its size. Beside the flag of the process a limit of the thread
  // itself counts for nothing.
  setFlagsFromString(`--max-semi-space-size=${SEMI_SPACE_MIB}`)
  const worker = new Worker(parts.entry, {
    workerData: parts.data,
    resourceLimits: { maxOldGenerationSizeMb: parts.maxHeapMiB },
  })
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => {})
  const exited = Promise.withResolvers<void>()
  let cause: OccError | null = null
  let before = worker.performance.eventLoopUtilization()
  /** This worker's part of the gauges of each handler; it is removed with the worker. */
  const own = new Map<string, Record<Gauge, number>>()

  function count(delta: WorkerAnswer['meters']): void {
    if (delta === null) return
    addMeters(meters, delta)
    for (const [name, { numbers }] of Object.entries(delta.handlers)) {
      const gauges = own.get(name) ?? { ...NONE }
      for (const gauge of GAUGES) gauges[gauge] += numbers[gauge] ?? 0
      own.set(name, gauges)
    }
  }

  async function forward(request: EmitRequest): Promise<readonly EmittedRows[]> {
    const { handler, idempotency, replay, trace, holds, sink, key } = request
    const rows: EmittedRows[] = []
    const source = {
      handler,
      id: idempotency,
      ...(replay && { replay }),
      ...(trace && { trace }),
      ...(holds && { hold: (each: EmittedRows) => void rows.push(each) }),
    }
    await emit(source, sink, emittedValue(request), key)
    return rows
  }

  async function write(request: WriteRequest): Promise<readonly EmittedRows[]> {
    await events.write(request)
    return []
  }

  async function answer(id: number, asked: Promise<readonly EmittedRows[]>): Promise<void> {
    let error = null
    let rows: readonly EmittedRows[] = []
    try {
      rows = await asked
    } catch (thrown) {
      error = toWireError(thrown)
    }
    worker.postMessage({ kind: 'answered', id, error, rows } satisfies ToWorker)
  }

  worker.on('message', (message: FromWorker) => {
    switch (message.kind) {
      case 'ready':
        return ready.resolve()
      case 'unfit':
        return ready.reject(fromWireError(message.error))
      case 'answer':
        count(message.meters)
        return events.answered(message)
      case 'progress':
        return events.progressed(message.id)
      case 'meters':
        return count(message.meters)
      case 'line':
        return writeLine(log, message.line)
      case 'emit':
        return void answer(message.id, forward(message))
      case 'write':
        return void answer(message.id, write(message))
      case 'no-transaction':
        return parts.noTransaction?.(fromWireError(message.error))
      case 'stopped':
        return
    }
  })
  worker.on('error', (error) => {
    cause ??= died(`by an uncaught error: ${messageOf(error)}`, error)
  })
  worker.on('exit', (code) => {
    for (const [name, gauges] of own) {
      const meter = meters.handler(name)
      for (const gauge of GAUGES) meter[gauge] -= gauges[gauge]
    }
    const error = cause ?? died(`with exit code ${code}`)
    ready.reject(error)
    exited.resolve()
    events.died(error)
  })

  return {
    ready: ready.promise,
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    utilization() {
      const now = worker.performance.eventLoopUtilization()
      const { utilization } = worker.performance.eventLoopUtilization(now, before)
      before = now
      return Number.isFinite(utilization) ? utilization : 0
    },
    async stop(deadline) {
      worker.postMessage({ kind: 'stop' } satisfies ToWorker)
      const timer = setTimeout(() => void worker.terminate(), deadline)
      await exited.promise
      clearTimeout(timer)
    },
    terminate(error) {
      cause ??= error
      void worker.terminate()
    },
  }
}

function died(how: string, cause?: unknown): OccError {
  return new OccError(
    'OCC_WORKER_DIED',
    `The worker thread ended ${how}. Its finished records stay finished; if a single record was in flight, its attempt failed. ` +
      'Remedy: make the handler catch its errors; if it ran out of memory, raise processing.workerMemory.',
    { cause, retriable: true },
  )
}
