import type { MessagePort } from 'node:worker_threads'
import type { OpenedPartition, PartitionProcessor } from '../../flow/types.ts'
import type { HandlerEmit } from '../../handle/load/loaded-handler.ts'
import type { RecordWriter } from '../../handle/write/write-round.ts'
import { messageOf, type OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { LogLevel } from '../../kernel/log-events/chapter.ts'
import type { Meters } from '../../observe/types.ts'
import { createForwardedLog } from '../forwarded-log.ts'
import { createMeterReader } from '../meter-delta.ts'
import { unpackRecords } from '../packing.ts'
import type { FromWorker, Task, ToWorker, WorkerAnswer } from '../protocol.ts'
import { toWireError } from '../wire.ts'
import { type ReadBatch, runBatches } from './batches-run.ts'
import { createRequests, type Serialize } from './requests.ts'
import { runSlice } from './slice-run.ts'

/** How the thread handles records; created with the thread's log and emit. */
export interface ThreadHandling {
  start(): Promise<void>
  openProcessor(partition: OpenedPartition, writer: RecordWriter | null): PartitionProcessor
  /** Applies changed live settings. Rejects if they are invalid. */
  configure(data: unknown): Promise<void>
  close(): Promise<void>
}

/** Read at each use, because they may change. */
export interface ThreadOptions {
  readonly logLevel: LogLevel | 'silent'
  /** Maximum number of records of a slice in flight, when no order is required. */
  readonly atOnce: number
  /** Reads batches that are sent as fetched. */
  readonly read: ReadBatch
}

export interface Thread {
  readonly log: Log
  readonly emit: HandlerEmit
  /** Reports a handler that joins a transaction where it cannot. */
  noTransaction(error: OccError): void
  /** Reports whether it can begin, then serves requests until it is told to stop. */
  serve(handling: ThreadHandling): Promise<void>
}

interface Lane {
  readonly processor: PartitionProcessor
  readonly abort: AbortController
  /** No further record of a whole batch is begun. */
  isHalted: boolean
}

type Told = Omit<WorkerAnswer, 'kind' | 'id' | 'error' | 'milliseconds' | 'meters'>

const NOTHING: Told = { outcomes: [], handlers: [], batches: null, isDone: false, times: null }

/** Milliseconds between reports of what is counted outside slices (hanging handlers). */
const TELL_INTERVAL = 1_000
/** Minimum milliseconds between progress reports of a batch. */
const PROGRESS_INTERVAL = 100

/** The worker's side: its port to the main thread. */
export function createThread(
  port: MessagePort,
  meters: Meters,
  options: ThreadOptions,
  serialize: Serialize,
): Thread {
  const lanes = new Map<number, Lane>()
  const readMeters = createMeterReader(meters)
  /**
   * Messages that came while a configuration is read; null: none is. What comes after a
   * configuration is handled with it, and of several the newest wins.
   */
  let waiting: ToWorker[] | null = null
  const requests = createRequests((request) => post(request), serialize)

  function post(message: FromWorker): void {
    port.postMessage(message)
  }

  function tell(): void {
    const delta = readMeters(true)
    if (delta !== null) post({ kind: 'meters', meters: delta })
  }

  async function handle(task: Task, { openProcessor }: ThreadHandling): Promise<void> {
    const started = performance.now()
    function answer(told: Told, error: WorkerAnswer['error']): void {
      const milliseconds = performance.now() - started
      post({ kind: 'answer', id: task.id, error, ...told, milliseconds, meters: readMeters(false) })
    }
    try {
      const isWritten = task.kind === 'slice' && task.isWritten
      const lane = lanes.get(task.lane) ?? {
        processor: openProcessor(task, isWritten ? requests.writerOf(task.lane) : null),
        abort: new AbortController(),
        isHalted: false,
      }
      lanes.set(task.lane, lane)
      answer(await run(task, lane), null)
    } catch (error) {
      answer(NOTHING, toWireError(error))
    }
  }

  async function run(task: Task, lane: Lane): Promise<Told> {
    const { processor, abort } = lane
    const { signal } = abort
    const { id, ordered } = task
    const running = { processor, ordered, signal, atOnce: options.atOnce }
    if (task.kind === 'batches') {
      const mayContinue = () => !lane.isHalted && !signal.aborted
      return runBatches({
        ...running,
        task,
        read: options.read,
        meter: meters.topic(task.topic),
        mayContinue,
      })
    }
    let toldAt = performance.now()
    const answers = await runSlice({
      ...running,
      records: unpackRecords(task.packed, task),
      states: new Uint8Array(task.states),
      progress() {
        const now = performance.now()
        if (now - toldAt < PROGRESS_INTERVAL) return
        toldAt = now
        post({ kind: 'progress', id })
      },
    })
    const { outcomes, handlers } = answers
    return { ...NOTHING, outcomes, handlers }
  }

  function halt(lane: number): void {
    const halted = lanes.get(lane)
    if (halted !== undefined) halted.isHalted = true
  }

  async function configure(data: unknown, handling: ThreadHandling): Promise<void> {
    waiting = []
    try {
      await handling.configure(data)
    } catch (error) {
      log.error({ event: 'worker.not-configured' }, messageOf(error))
    }
    const messages: ToWorker[] = waiting
    waiting = null
    for (const message of messages) receive(message, handling)
  }

  function receive(message: ToWorker, handling: ThreadHandling): void {
    if (waiting !== null) {
      waiting.push(message)
      return
    }
    switch (message.kind) {
      case 'slice':
      case 'batches':
        void handle(message, handling)
        break
      case 'halt':
        halt(message.lane)
        break
      case 'close':
        lanes.get(message.lane)?.abort.abort()
        lanes.delete(message.lane)
        break
      case 'settled':
        lanes.get(message.lane)?.processor.settled?.(recordAt(message.offset))
        break
      case 'answered':
        requests.answered(message)
        break
      case 'configure':
        void configure(message.data, handling)
        break
      case 'stop':
        void stop(handling)
    }
  }

  async function stop(handling: ThreadHandling): Promise<void> {
    for (const { abort } of lanes.values()) abort.abort()
    await handling.close()
    tell()
    post({ kind: 'stopped' })
    port.close()
  }

  // One at a time: if a worker dies, its last line is what people look for.
  const log = createForwardedLog(
    () => options.logLevel,
    (line) => post({ kind: 'line', line }),
  )
  return {
    log,
    emit: requests.emit,
    noTransaction: (error) => post({ kind: 'no-transaction', error: toWireError(error) }),
    async serve(handling) {
      try {
        await handling.start()
      } catch (error) {
        post({ kind: 'unfit', error: toWireError(error) })
        port.close()
        return
      }
      const timer = setInterval(tell, TELL_INTERVAL)
      port.on('close', () => clearInterval(timer))
      port.on('message', (message: ToWorker) => receive(message, handling))
      post({ kind: 'ready' })
    },
  }
}

/** A record with only its offset: all that `settled` needs. */
function recordAt(offset: number) {
  const nothing = { key: null, value: null, headers: undefined }
  return { topic: '', partition: 0, timestamp: 0, offset, ...nothing }
}
