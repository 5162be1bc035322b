import { hostname } from 'node:os'
import { kafkajsVersion } from '../broker/connection/kafkajs-internals.ts'
import { registerCodecs } from '../broker/topics/codecs.ts'
import { readCertificates } from '../config/check/certificate-status.ts'
import type { Config } from '../config/types.ts'
import { lz4Codec } from '../decode/lz4/codec.ts'
import type { SingleHandler } from '../handle/api/types.ts'
import { Tap } from '../handle/tap.ts'
import { createPods } from '../http/api/pods.ts'
import { readinessOf } from '../http/health.ts'
import { createHttpServer } from '../http/server.ts'
import { codeOf, messageOf } from '../kernel/errors.ts'
import { createUndoStack } from '../kernel/lifecycle.ts'
import type { Log } from '../kernel/log.ts'
import { type Clock, systemClock } from '../kernel/time/clock.ts'
import { watchFile } from '../kernel/watch-file.ts'
import { type Kubernetes, startKubernetes } from '../kubernetes/index.ts'
import { createCertificateWatch } from '../observe/certificates.ts'
import { createMeters } from '../observe/meters/meters.ts'
import { createMetrics } from '../observe/metrics/metrics.ts'
import type { Meters, ServiceState, ServiceStatus, StrayCounts } from '../observe/types.ts'
import { createMeteredTarget } from '../sink/dead-letters/metered-target.ts'
import { createTracing } from '../tracing/tracing.ts'
import { createAdmin } from './admin/create-admin.ts'
import { createOverview } from './create-overview.ts'
import { createTapSource } from './create-tap.ts'
import { createLetters } from './letters/create-letters.ts'
import { type ConfigSource, createLiveConfig } from './live-config.ts'
import { createOffsetsApi } from './offsets/create-offsets.ts'
import { heldSinks } from './offsets/open-offsets-pool.ts'
import { createProgressLog } from './progress-log.ts'
import { kubernetesOptions } from './room-options.ts'
import { createDeadLetterTarget } from './sinks/create-dead-letters.ts'
import { createSinks, logUnfitSinks } from './sinks/create-sinks.ts'
import { createUncaught } from './uncaught.ts'
import { createUnit, type Unit } from './units/create-unit.ts'
import {
  mergedScaling,
  mergedStatus,
  mergedStrays,
  speaks,
  startHandlers,
} from './units/merge-units.ts'
import { unitsOf } from './units/units.ts'

export interface AppOptions {
  readonly config: Config
  readonly log: Log
  readonly version: string
  /** Handles each message, in addition to the configured handlers. */
  readonly handler?: SingleHandler['handle']
  readonly meters?: Meters
  readonly clock?: Clock
  /** The source of the configuration, if changes are applied while the service runs. */
  readonly source?: ConfigSource
}

/** The service. `start` resolves when HTTP is served and consumption has begun. */
export interface App {
  start(): Promise<{ port: number }>
  /** Resolves when consumption has ended after `stop`; rejects with an unrecoverable error. */
  readonly done: Promise<void>
  /**
   * Stops fetching, finishes records in flight, commits, leaves the group and closes HTTP last.
   * Bounded by `flow.drain` plus a few seconds for the brokers.
   */
  stop(): Promise<void>
  status(): ServiceStatus
  /**
   * Reports an error that nobody in the process caught; call it at once. `done` rejects if the
   * service cannot continue after it.
   */
  uncaught(kind: keyof StrayCounts, error: unknown): void
}

/** Milliseconds for leaving the group and disconnecting after the drain. */
const LEAVE_DEADLINE = 5_000

/** The composition root: creates every room in order, each next to its undo step. */
export function createApp(options: AppOptions): App {
  const { config, log, version, handler, clock = systemClock, source } = options
  const meters = options.meters ?? createMeters()
  const startedAt = clock.now()
  const undo = createUndoStack()
  let state: ServiceState = 'starting'
  /** Where HTTP is served, once it is. */
  let { port } = config.http
  let stopping: Promise<void> | null = null
  const done = Promise.withResolvers<void>()
  done.promise.catch(() => {})

  const tracing = createTracing(config.tracing, log.child({ room: 'tracing' }))
  if (tracing !== null) undo.push('the last spans', tracing.flush)
  const letterMeter = meters.deadLetterTarget(config.deadLetters.target)
  const deadLetters = createMeteredTarget(
    createDeadLetterTarget(config, {
      clock,
      log: log.child({ room: 'sink' }),
      meters,
      onFallback: () => {
        letterMeter.fallback += 1
      },
    }),
    letterMeter,
  )
  undo.push('dead letters', () => deadLetters.close())
  const held = heldSinks(config)
  const sinks = createSinks(config, log, meters, (sink) => held.has(sink), tracing)
  undo.push('sinks', () => sinks.close())
  const embedded = handler !== undefined
  const tap = new Tap()
  const units = unitsOf(config, embedded).map((unit) =>
    createUnit(unit, {
      ...{ handler, emit: sinks.emit, held: sinks.held },
      ...{ deadLetters, letterMeter, tracing, tap, meters, clock, log },
      pauses: () => admin.pauses(),
    }),
  )
  const admin = createAdmin(config, { units, meters, clock, log })
  undo.push('parked records', () => forEach(({ parked }) => parked?.close()))
  undo.push('offsets', () => forEach(({ store }) => store?.close()))
  undo.push('recorded offsets', () => forEach(({ recorder }) => recorder?.close()))
  undo.push('handlers', () => forEach(({ handling }) => handling.close()))
  const uncaught = createUncaught({ handling: mergedStrays(units), meters, log })
  undo.push('flow', () => forEach(({ engine }) => engine.close()))
  const live =
    source &&
    createLiveConfig(source, { config, units, embedded, log: log.child({ room: 'config' }) })
  const observeLog = log.child({ room: 'observe' })
  const certificates = createCertificateWatch(
    () => readCertificates(config.kafka.tls),
    clock,
    observeLog,
  )
  const scaling = mergedScaling(units)
  const pods = createPods({
    peers: config.http.peers ?? [],
    port: () => port,
    group: config.kafka.groupId,
    isSelf: (told) =>
      told.pod === hostname() && told.startedAt === new Date(startedAt).toISOString(),
    now: () => clock.now(),
  })
  const overview = createOverview(units, {
    ...{ version, group: config.kafka.groupId, meters, scaling, certificates, pods, clock },
    ...{ status: { status }, lagInterval: config.lag.interval },
  })
  const letters = createLetters(config, { embedded, clock, log })
  const http = createHttp()
  const progress = createProgressLog({ meters, status: { status }, clock, log })

  /** All units side by side, so that together they take no longer than one. */
  async function forEach(work: (unit: Unit) => unknown): Promise<void> {
    await Promise.all(units.map(async (unit) => work(unit)))
  }

  /** A failure does not prevent the start: good records need no target, failed ones wait for it. */
  function logUnusableTarget(): void {
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
      readiness: readinessOf,
      version: { version, kafkajs: kafkajsVersion },
      scaling,
      certificates,
      clock,
    })
    return createHttpServer({
      ...config.http,
      pageActions: config.http.pageActions && config.admin.tokenFile !== undefined,
      status: { status },
      metrics,
      scaling,
      overview,
      pods,
      tap: createTapSource(config, tap, meters),
      clock,
      log: log.child({ room: 'http' }),
      offsets: createOffsetsApi(config, { units, clock, log, port: () => port }),
      letters: letters.api,
      admin: admin.control,
    })
  }

  function status(): ServiceStatus {
    return {
      state,
      startedAt,
      ...mergedStatus(units),
      ...admin.knowledge(),
      config: live?.status() ?? { valid: true, pendingRestart: [] },
    }
  }

  /** Starts the service's Kubernetes features, if any is enabled. */
  function startInCluster(): Kubernetes | null {
    const options = kubernetesOptions(config)
    if (options === null) return null
    const kubernetes = startKubernetes(options, {
      sources: {
        ...scaling,
        partitions: () => units.flatMap(({ engine }) => engine.partitions()),
        readiness: () => readinessOf(status()),
        certificates: certificates.certificates,
      },
      env: process.env,
      clock,
      log: log.child({ room: 'kubernetes' }),
      countError: (code) => meters.countError('kubernetes', code),
    })
    undo.push('kubernetes', () => kubernetes.stop())
    return kubernetes
  }

  async function start(): Promise<{ port: number }> {
    registerCodecs(lz4Codec)
    port = (await http.listen()).port
    undo.push('http', () => http.close())
    await startHandlers(units)
    await logUnfitSinks(sinks, log)
    undo.push('certificates', () => certificates.stop())
    certificates.start()
    undo.push('group progress', () => forEach(({ group }) => group.stop()))
    for (const { group } of units) group.start()
    undo.push('pauses', () => admin.stop())
    admin.start()
    const kubernetes = startInCluster()
    undo.push('members', () =>
      forEach(({ members }) => Promise.all(members.map((member) => member.stop(LEAVE_DEADLINE)))),
    )
    undo.push('end of the work on dead letters', () => letters.stop())
    undo.push('drain', () => {
      for (const member of units.flatMap(({ members }) => members)) member.retire()
      const { drain } = config.flow
      return forEach(({ engine, parked }) =>
        Promise.all([engine.drain(drain), parked?.due.stop(drain)]),
      )
    })
    const running = units.map((unit) => unit.run())
    for (const { parked } of units) parked?.due.start()
    // Begins before the drain and is awaited after it, so that the next leader need not wait.
    undo.push('leadership', () => void kubernetes?.stop())
    sinks.alerts.start(() => ({
      partitions: status().partitions,
      progress: units.flatMap(({ group }) => group.progress() ?? []),
      speaks: (partition) => speaks(units, partition),
      letters: letterMeter.kept + letterMeter.fallback,
    }))
    undo.push('overview', () => overview.stop())
    overview.start()
    // Ends beside the drain, whose time is that of the pod.
    undo.push('work on dead letters', () => void letters.stop())
    undo.push('progress log', () => progress.stop())
    progress.start()
    state = 'running'
    logUnusableTarget()
    if (source && live) {
      const watch = watchFile(source.file, () => live.reload())
      undo.push('configuration', () => watch.close())
    }
    Promise.all(running).then(
      () => done.resolve(),
      (error) => done.reject(error),
    )
    return { port }
  }

  async function stop(): Promise<void> {
    state = 'draining'
    log.info({ event: 'service.draining' }, 'Draining: finishing records in flight')
    for (const { name, error } of await undo.run()) {
      log.error({ event: 'service.undo-failed', step: name }, messageOf(error))
    }
    state = 'stopped'
    const { fields, text } = progress.totals()
    log.info({ event: 'service.stopped', ...fields }, `Stopped. ${text}`)
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
    uncaught(kind, error) {
      const fatal = uncaught(kind, error)
      if (fatal !== null) done.reject(fatal)
    },
  }
}
