import type { MessagePort } from 'node:worker_threads'
import type { PartitionProcessor } from '../flow/types.ts'
import type { HandlerEmit } from '../handle/loaded-handler.ts'
import { messageOf } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { TopicPartition } from '../kernel/record.ts'
import type { LogLevel, Meters } from '../observe/types.ts'
import { createEmitter, type Serialize } from './emitter.ts'
import { createForwardedLog } from './forwarded-log.ts'
import { createMeterReader } from './meter-delta.ts'
import { unpackRecords } from './packing.ts'
import type { FromWorker, SliceTask, ToWorker } from './protocol.ts'
import { runSlice } from './slice-run.ts'
import { toWireError } from './wire.ts'

/** What the thread does its work with; made with the log and the emit of the thread. */
export interface ThreadHandling {
  start(): Promise<void>
  openProcessor(partition: TopicPartition): PartitionProcessor
  /** The configuration has changed in what may change. Rejects with what is wrong with it. */
  configure(data: unknown): Promise<void>
  close(): Promise<void>
}

export interface ThreadOptions {
  readonly logLevel: LogLevel | 'silent'
  /** Most records of a slice in hand, where no order is asked for. */
  readonly atOnce: number
}

export interface Thread {
  readonly log: Log
  readonly emit: HandlerEmit
  /** Says whether it can begin, then does what it is asked until it is told to stop. */
  serve(handling: ThreadHandling): Promise<void>
}

interface Lane {
  readonly processor: PartitionProcessor
  readonly abort: AbortController
}

/** Milliseconds; what is counted apart from slices (a handler that hangs) is told so often. */
const TELL_INTERVAL = 1_000
/** Milliseconds; that a batch goes on is not told more often. */
const PROGRESS_INTERVAL = 100

/** The side of a worker: its port to the main thread. */
export function createThread(
  port: MessagePort,
  meters: Meters,
  options: ThreadOptions,
  serialize: Serialize,
): Thread {
  const lanes = new Map<number, Lane>()
  const readMeters = createMeterReader(meters)
  /** One after the other: the newest counts in the end, however long each takes to read its lists. */
  let configured = Promise.resolve()
  const emitter = createEmitter((request) => post(request), serialize)

  function post(message: FromWorker): void {
    port.postMessage(message)
  }

  function tell(): void {
    const delta = readMeters()
    if (delta !== null) post({ kind: 'meters', meters: delta })
  }

  async function handle(task: SliceTask, { openProcessor }: ThreadHandling): Promise<void> {
    const started = performance.now()
    const lane = lanes.get(task.lane) ?? {
      processor: openProcessor(task),
      abort: new AbortController(),
    }
    lanes.set(task.lane, lane)
    const { id } = task
    let toldAt = started
    const answers = await runSlice({
      processor: lane.processor,
      records: unpackRecords(task.packed, task),
      states: new Uint8Array(task.states),
      ordered: task.ordered,
      signal: lane.abort.signal,
      atOnce: options.atOnce,
      progress() {
        const now = performance.now()
        if (now - toldAt < PROGRESS_INTERVAL) return
        toldAt = now
        post({ kind: 'progress', id })
      },
    })
    const milliseconds = performance.now() - started
    const { outcomes, handlers } = answers
    post({ kind: 'answer', id, outcomes, handlers, milliseconds, meters: readMeters() })
  }

  async function configure(data: unknown, handling: ThreadHandling): Promise<void> {
    try {
      await handling.configure(data)
    } catch (error) {
      log.error({ event: 'worker.not-configured' }, messageOf(error))
    }
  }

  async function stop(handling: ThreadHandling): Promise<void> {
    for (const { abort } of lanes.values()) abort.abort()
    await handling.close()
    tell()
    post({ kind: 'stopped' })
    port.close()
  }

  // One by one: the last line before its end is what people look for when a worker has died.
  const log = createForwardedLog(options.logLevel, (line) => post({ kind: 'line', line }))
  return {
    log,
    emit: emitter.emit,
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
      port.on('message', (message: ToWorker) => {
        switch (message.kind) {
          case 'slice':
            return void handle(message, handling)
          case 'close':
            lanes.get(message.lane)?.abort.abort()
            lanes.delete(message.lane)
            return
          case 'settled':
            return lanes.get(message.lane)?.processor.settled?.(recordAt(message.offset))
          case 'emitted':
            return emitter.emitted(message.id, message.error)
          case 'configure':
            configured = configured.then(() => configure(message.data, handling))
            return
          case 'stop':
            return void stop(handling)
        }
      })
      post({ kind: 'ready' })
    },
  }
}

/** Enough of a record to name it: `settled` looks at its offset. */
function recordAt(offset: number) {
  const nothing = { key: null, value: null, headers: undefined }
  return { topic: '', partition: 0, timestamp: 0, offset, ...nothing }
}
