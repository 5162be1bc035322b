import { takesLists } from '../config/schema/sinks/index.ts'
import type { Config } from '../config/types.ts'
import { createDecoder } from '../decode/decoder.ts'
import { createRegistryLog } from '../decode/registry/registry-log.ts'
import type { LiveDecoder } from '../decode/types.ts'
import type { OpenedPartition, PartitionProcessor } from '../flow/types.ts'
import type { SingleHandler } from '../handle/api/types.ts'
import { createStrayErrors, type StrayErrors } from '../handle/call/stray-errors.ts'
import { createDuplicateWindows } from '../handle/deduplicate/windows.ts'
import { createHandlerSet, type HandlerSet } from '../handle/load/handler-set.ts'
import { type ConfiguredHandler, loadHandlers, tryHandlers } from '../handle/load/load-handlers.ts'
import type { HandlerEmit, LoadedHandler } from '../handle/load/loaded-handler.ts'
import { Pipeline, type PipelineParts } from '../handle/pipeline.ts'
import { createAddressLists } from '../handle/select/address-list.ts'
import type { EventFilter } from '../handle/select/event-filter.ts'
import { openFilter } from '../handle/select/filters.ts'
import type { TapPoint } from '../handle/tap.ts'
import type { RecordWriter } from '../handle/write/write-round.ts'
import { apart, type OccError } from '../kernel/errors.ts'
import { type Log, silentLog } from '../kernel/log.ts'
import type { Clock } from '../kernel/time/clock.ts'
import type { CallTracing } from '../kernel/tracing.ts'
import { createMeters } from '../observe/meters/meters.ts'
import type { Meters } from '../observe/types.ts'
import { createEmitSinks } from '../sink/emit/emit-sinks.ts'
import { createLogSink } from '../sink/sampled-log.ts'
import { messagesAtOnce } from './alerts/alert-rules.ts'
import { createRecentBlocks, type RecentBlocksParts } from './recent-blocks.ts'

export interface HandlingParts {
  /** Handles each message, in addition to the configured handlers. */
  readonly handler?: SingleHandler['handle'] | undefined
  /** Takes what handlers emit, for the sinks of the caller. Absent: there are no sinks. */
  readonly emit?: HandlerEmit
  /** Names of the sinks that handlers may declare; null: any. Default: those of the configuration. */
  readonly sinks?: readonly string[] | null
  /** Records are finished in transactions that hold what handlers emit. */
  readonly transacts?: boolean
  /** Handlers run in worker threads, now or later: they cannot join these transactions. */
  readonly usesWorkers?: boolean
  /** Told of a handler that cannot, and tries to. */
  readonly noTransaction?: LoadedHandler['noTransaction']
  /** Spans of the handlers' calls. Default: null, none. */
  readonly tracing?: CallTracing | null
  /** Reads records for their blocks. Absent: no blocks are known from before the process. */
  readonly readBlocks?: RecentBlocksParts['read']
  /** Shows records to those who look. Absent: nobody can, as in worker threads. */
  readonly tap?: TapPoint
  /** false: only checks the handlers, because worker threads open their own. */
  readonly opens?: boolean
  readonly meters: Meters
  readonly clock: Clock
  readonly log: Log
}

/** Everything between a record and its outcome, as configured. */
export interface Handling extends StrayErrors {
  /** Loads and opens the handlers; rejects with a message for the user. */
  start(): Promise<void>
  /** @param writer writes what handlers emitted with the offsets; null: sinks write by themselves. */
  openProcessor(partition: OpenedPartition, writer?: RecordWriter | null): PartitionProcessor
  /** Names of all handlers; empty before the start. */
  names(): readonly string[]
  /**
   * Reads what the live keys of a changed configuration need, such as address lists. The returned
   * function applies them, and cannot fail. Rejects if something is unusable. The handlers are the
   * same, except for their filters.
   */
  prepare(config: Config): Promise<() => void>
  /** Call after the last record, and before the sinks are closed. */
  close(): Promise<void>
}

/** Default number of ids remembered per partition when there are handlers. */
const DEFAULT_WINDOW = 100_000
/** Timeout of a handler that is part of the program: it limits its own time. */
const NO_TIMEOUT = 2 ** 31 - 10_000

export function createHandling(config: Config, parts: HandlingParts): Handling {
  const { meters, clock, opens = true, emit = createEmitSinks(new Map()).emit } = parts
  const log = parts.log.child({ room: 'handle' })
  const lists = createAddressLists(log)
  const standard = config.handlers.length > 0 ? DEFAULT_WINDOW : 0
  const { window = standard, age } = config.deduplication
  const windows = createDuplicateWindows(window, age, clock)
  let handlers: HandlerSet = createHandlerSet([], config.kafka.topics)
  let configured: readonly ConfiguredHandler[] = []
  let filter: EventFilter | null = null
  let strays = createStrayErrors([], log)

  const decoder = createDecoder(config.decode, {
    onUnreadable: ({ topic }, entries) => {
      meters.topic(topic).unreadableEvents += entries
    },
    registry: createRegistryLog(parts.log.child({ room: 'decode' }), clock, meters.countError),
  })
  const { readBlocks: read } = parts
  const recent =
    config.decode.protobuf.reorgs && read !== undefined
      ? createRecentBlocks({ decoder, read, log: parts.log.child({ room: 'decode' }) })
      : null
  const onHandled = createOnHandled(config, parts.log)

  function pipelineParts(writer: RecordWriter | null): PipelineParts {
    return {
      writer,
      group: config.kafka.groupId,
      decoder: recent?.decoder ?? decoder,
      handlersOf: handlers.of,
      // A broadcasted transaction is in no block, whatever its message says.
      perBlock: decoder.followsBlocks,
      get filter() {
        return filter
      },
      openWindow(partition) {
        if (window === 0) return null
        const { replay = null, isBack = false } = partition
        const isAnew = replay === null ? isBack : !replay.deduplicates
        return isAnew ? windows.openAnew(partition) : windows.open(partition)
      },
      topicMeter: meters.topic,
      onHandled,
      tap: parts.tap,
    }
  }

  return {
    async start() {
      const [problem] = topicProblems(config, decoder)
      if (problem !== undefined) throw problem
      filter = await openFilter(config.filter, lists)
      const { sinks = Object.keys(config.sinks), transacts = false, tracing = null } = parts
      const { usesWorkers = false } = parts
      const parks = config.parked.store !== 'none'
      const loading = {
        emit,
        transacts,
        usesWorkers,
        parks,
        noTransaction: parts.noTransaction,
        tracing,
        ...aboutSinks(config),
        lists,
        sinks,
        meter: meters.handler,
        log,
      }
      configured = await loadHandlers(config.handlers, loading)
      const loaded: LoadedHandler[] = [...configured]
      if (parts.handler !== undefined) {
        const name = 'app'
        const definition = { name, handle: parts.handler }
        const meter = meters.handler(name)
        const common = { topics: ['*'], timeout: NO_TIMEOUT, filter: null, options: {} }
        loaded.push({ name, definition, ...common, log, meter, emit, transacts, tracing, parks })
      }
      handlers = createHandlerSet(loaded, config.kafka.topics)
      strays = createStrayErrors(handlers.invokers, log)
      if (!opens) return
      await handlers.open()
      for (const { name, topics } of loaded) {
        log.info({ event: 'handler.opened', handler: name, topics }, `The handler ${name} is ready`)
      }
    },
    openProcessor(partition, writer = null) {
      if (partition.begins !== undefined) recent?.begin(partition, partition.begins)
      return new Pipeline(pipelineParts(writer), partition)
    },
    names: () => handlers.names,
    stray: (kind, error) => strays.stray(kind, error),
    inFlight: () => strays.inFlight(),
    async prepare(changed) {
      const applyDecoding = decoder.prepare(changed.decode)
      const next = await openFilter(changed.filter, lists)
      const applies = await Promise.all(
        configured.map((one, index) => one.prepareFilter(changed.handlers[index]?.filter)),
      )
      return () => {
        applyDecoding()
        filter = next
        for (const apply of applies) apply()
      }
    },
    async close() {
      recent?.close()
      await handlers.close()
      lists.close()
      decoder.close()
    },
  }
}

/** What a start would find of the handlers. */
export interface HandlersReport {
  readonly names: readonly string[]
  /** One for each fault. */
  readonly problems: readonly unknown[]
}

/** Milliseconds for the `open` of a handler in a check, which must end. */
const OPEN_DEADLINE = 30_000

/** Loads the handlers and their lists: a check before the start. @param opens opens and closes them */
export async function checkHandlers(config: Config, opens: boolean): Promise<HandlersReport> {
  const lists = createAddressLists(silentLog)
  const problems: unknown[] = []
  const note = (error: unknown) => void problems.push(...apart(error))
  try {
    await openFilter(config.filter, lists).catch(note)
    const { handler: meter } = createMeters()
    const sinks = Object.keys(config.sinks)
    const parts = {
      emit: async () => {},
      ...aboutSinks(config),
      lists,
      sinks,
      meter,
      log: silentLog,
    }
    const loaded = await tryHandlers(config.handlers, parts)
    problems.push(...loaded.problems)
    const set = createHandlerSet(loaded.handlers, config.kafka.topics)
    if (opens) {
      await set.open(OPEN_DEADLINE).catch(note)
      await set.close()
    }
    return { names: set.names, problems }
  } catch (error) {
    note(error)
    return { names: [], problems }
  } finally {
    lists.close()
  }
}

/** Why topics cannot be decoded, such as a missing schema: of every one, before the start. */
export function checkTopics(config: Config): readonly OccError[] {
  const decoder = createDecoder(config.decode)
  const problems = topicProblems(config, decoder)
  decoder.close()
  return problems
}

function topicProblems(
  { kafka }: Config,
  decoder: Pick<LiveDecoder<unknown>, 'problemOf'>,
): readonly OccError[] {
  return kafka.topics.map(decoder.problemOf).filter((problem) => problem !== null)
}

/** What a handler without code needs to know of its sink. */
function aboutSinks(config: Config) {
  return {
    takesLists: (sink: string) => takesLists(config.sinks[sink]?.type),
    messagesAtOnce: (sink: string) => messagesAtOnce(config, sink),
  }
}

function createOnHandled({ sink }: Config, log: Log): PipelineParts['onHandled'] {
  const { mode = sink.log.every === undefined ? 'off' : 'every', every = 1000 } = sink.log
  if (mode === 'off') return null
  const { write } = createLogSink(every, log.child({ room: 'sink' }))
  return write
}
