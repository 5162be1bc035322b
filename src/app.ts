import { registerCodecs } from './broker/codecs.ts'
import { kafkajsVersion } from './broker/kafkajs-internals.ts'
import { createGroupMember } from './broker/member.ts'
import type { GroupMember } from './broker/types.ts'
import { createCommitter } from './commit/committer.ts'
import { OffsetTracker } from './commit/offset-tracker.ts'
import type { LoadResult } from './config/load.ts'
import type { Problem } from './config/problems.ts'
import { createReload } from './config/reload.ts'
import { readAdminToken } from './config/secrets.ts'
import type { Config } from './config/types.ts'
import { watchFile } from './config/watch.ts'
import { createDeadLetterTarget } from './dead-letters.ts'
import { lz4Codec } from './decode/lz4-codec.ts'
import { createEngine, type Engine } from './flow/engine.ts'
import type { SingleHandler } from './handle/types.ts'
import { createHttpServer } from './http/server.ts'
import { type Clock, systemClock } from './kernel/clock.ts'
import { codeOf, messageOf } from './kernel/errors.ts'
import { createUndoStack } from './kernel/lifecycle.ts'
import type { Log } from './kernel/log.ts'
import { createMeters } from './observe/meters.ts'
import { createMetrics } from './observe/metrics.ts'
import type { LogLevel, Meters, ServiceState, ServiceStatus } from './observe/types.ts'
import { createProcessing } from './processing.ts'
import { brokerOptions, flowOptions, memberOptions } from './settings.ts'
import { createMeteredTarget } from './sink/dead-letters/metered-target.ts'

export interface AppOptions {
  readonly config: Config
  readonly log: Log
  readonly version: string
  /** Handles each message, beside the handlers of the configuration. */
  readonly handler?: SingleHandler['handle']
  readonly meters?: Meters
  readonly clock?: Clock
  /** Where the configuration came from, if a change of it shall count while the service runs. */
  readonly source?: ConfigSource
}

export interface ConfigSource {
  /** Absolute path of the file that is looked at. */
  readonly file: string
  /** Of the start. */
  readonly warnings: readonly Problem[]
  /** Reads it again, as at the start. */
  load(): LoadResult
  setLogLevel(level: LogLevel): void
}

/** The service. `start` resolves when it serves HTTP and consuming has begun. */
export interface App {
  start(): Promise<{ port: number }>
  /** Resolves when consuming has ended by `stop`; rejects with the error it cannot get over. */
  readonly done: Promise<void>
  /**
   * Stops fetching, finishes what is in hand, commits, leaves the group, closes HTTP last. Bounded
   * by `flow.drain` and a few seconds for the brokers.
   */
  stop(): Promise<void>
  status(): ServiceStatus
}

/** Milliseconds for leaving the group and disconnecting, after the drain. */
const LEAVE_DEADLINE = 5_000

/** The composition root: builds every room, in order, with its undo step beside it. */
export function createApp(options: AppOptions): App {
  const { config, log, version, handler, clock = systemClock, source } = options
  const meters = options.meters ?? createMeters()
  const startedAt = clock.now()
  const undo = createUndoStack()
  const members: GroupMember[] = []
  let state: ServiceState = 'starting'
  let stopping: Promise<void> | null = null
  const done = Promise.withResolvers<void>()
  done.promise.catch(() => {})

  const deadLetters = createMeteredTarget(
    createDeadLetterTarget(config, { clock, log: log.child({ room: 'sink' }) }),
    meters.deadLetterTarget(config.deadLetters.target),
  )
  undo.push('dead letters', () => deadLetters.close())
  const handling = createProcessing(config, { handler, meters, clock, log })
  undo.push('handlers', () => handling.close())
  const engine = createFlow()
  undo.push('flow', () => engine.close())
  const live = source === undefined ? null : createLive(source)
  const http = createHttp()

  function createFlow(): Engine {
    const commitLog = log.child({ room: 'commit' })
    const commitMeter = {
      committed(result: 'ok' | 'failed' | 'fenced', seconds: number) {
        meters.process.commits[result] += 1
        meters.process.commitSeconds.observe(seconds)
      },
    }
    return createEngine(flowOptions(config), {
      openProcessor: handling.openProcessor,
      deadLetters,
      createTracker: ({ startOffset, finished }) => new OffsetTracker(startOffset, finished),
      createCommitter: (assignment, partitions) =>
        createCommitter(assignment, partitions, config.commit, commitMeter, commitLog),
      meters,
      clock,
      log: log.child({ room: 'flow' }),
    })
  }

  function createLive({ warnings, load, setLogLevel }: ConfigSource) {
    return createReload({
      started: config,
      warnings,
      load,
      log: log.child({ room: 'config' }),
      async prepare(next, keys) {
        const { concurrency, maxRecordsPerSecond } = next.processing
        const applyFilters = await handling.prepareFilters(next)
        return () => {
          applyFilters()
          engine.configure({
            concurrency,
            retry: next.retry,
            // A new rate begins with an empty account, so only where it is another one.
            ...(keys.has('processing.maxRecordsPerSecond') && { maxRecordsPerSecond }),
          })
          setLogLevel(next.log.level)
        }
      },
    })
  }

  /** It is no reason not to start: good records need no target, and the others wait for it. */
  function sayWhetherLettersCanBeKept(): void {
    deadLetters.check().catch((error) => {
      const { target } = config.deadLetters
      meters.countError('sink', codeOf(error))
      log.error({ event: 'dead-letters.unfit', target, code: codeOf(error) }, messageOf(error))
    })
  }

  function createHttp() {
    const metrics = createMetrics({
      meters,
      status: { status },
      version: { version, kafkajs: kafkajsVersion },
      clock,
    })
    return createHttpServer({
      ...config.http,
      livenessMaxAgeMs: config.http.livenessMaxAge,
      status: { status },
      metrics,
      clock,
      log: log.child({ room: 'http' }),
      admin: {
        readToken() {
          const { tokenFile } = config.admin
          return tokenFile === undefined ? null : readAdminToken(tokenFile)
        },
        knows: () => ({ topics: config.kafka.topics, handlers: handling.names() }),
        pause: (target) => engine.pause(target),
        resume: (target) => engine.resume(target),
      },
    })
  }

  function status(): ServiceStatus {
    const partitions = engine.partitions()
    return {
      state,
      startedAt,
      members: members.map(({ view }) => ({
        ...view,
        partitions: partitions.filter(({ member }) => member === view.id).length,
      })),
      partitions,
      circuits: engine.circuits(),
      load: engine.load(),
      pauses: engine.held(),
      config: live?.status() ?? { valid: true, pendingRestart: [] },
    }
  }

  function addMember(index: number): void {
    const name = `consumer-${index}`
    const control = {
      pause: (partition: Parameters<GroupMember['pause']>[0]) => member.pause(partition),
      resume: (partition: Parameters<GroupMember['resume']>[0]) => member.resume(partition),
    }
    const member: GroupMember = createGroupMember(
      brokerOptions(config),
      memberOptions(config, name),
      engine.listen(name, control),
      clock,
      log.child({ room: 'broker' }),
    )
    members.push(member)
  }

  async function start(): Promise<{ port: number }> {
    registerCodecs(lz4Codec)
    const { port } = await http.listen()
    undo.push('http', () => http.close())
    await handling.start()
    undo.push('members', async () => {
      await Promise.all(members.map((member) => member.stop(LEAVE_DEADLINE)))
    })
    undo.push('drain', () => engine.drain(config.flow.drain))
    for (let index = 0; index < config.kafka.consumers; index++) addMember(index)
    state = 'running'
    sayWhetherLettersCanBeKept()
    if (source !== undefined && live !== null) {
      const watch = watchFile(source.file, () => live.reload())
      undo.push('configuration', () => watch.close())
    }
    Promise.all(members.map((member) => member.run())).then(
      () => done.resolve(),
      (error) => done.reject(error),
    )
    return { port }
  }

  async function stop(): Promise<void> {
    state = 'draining'
    log.info({ event: 'service.draining' }, 'Draining: finishing what is in hand')
    for (const { name, error } of await undo.run()) {
      log.error({ event: 'service.undo-failed', step: name }, messageOf(error))
    }
    state = 'stopped'
    log.info({ event: 'service.stopped' }, 'Stopped')
    done.resolve()
  }

  return {
    start,
    done: done.promise,
    stop() {
      stopping ??= stop()
      return stopping
    },
    status,
  }
}
