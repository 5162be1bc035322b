import { isOfEvents } from '../../config/check/alerts.ts'
import type { Config } from '../../config/types.ts'
import type { HandlerEmit } from '../../handle/load/loaded-handler.ts'
import { alertSink } from '../../kernel/alerts.ts'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import { withDeadline } from '../../kernel/lifecycle.ts'
import type { Log } from '../../kernel/log.ts'
import { formatDuration } from '../../kernel/text/units.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import type { Meters } from '../../observe/types.ts'
import { createEventAlerts, type EventAlerts } from '../../sink/alerts/event-alerts.ts'
import { createServiceAlerts } from '../../sink/alerts/service-alerts.ts'
import type { SendAlert } from '../../sink/alerts/types.ts'
import { alertRule, eventRule } from './alert-rules.ts'
import { createServiceWatch, type ServiceView } from './service-watch.ts'

export interface AlertParts {
  /** To the sinks of the configuration. */
  readonly emit: HandlerEmit
  readonly meters: Pick<Meters, 'alert'>
  readonly clock: Clock
  readonly log: Log
}

/** The rules of `alerts` at work. */
export interface Alerts {
  /**
   * Takes what the handlers of rules emit, and rejects with OCC_ALERT_QUIET if nothing is said;
   * everything else goes to the sinks.
   */
  readonly emit: HandlerEmit
  /** From now on looks at the service, and says what was held back. */
  start(view: () => ServiceView): void
  /** Says what is still held back, for a few seconds at most. Call it before the sinks are closed. */
  close(): Promise<void>
}

/** Milliseconds. */
const LOOK_INTERVAL = 1_000
const FLUSH_DEADLINE = 3_000
const MAX_PAUSE = 60_000

/** Such a record shows nothing of the sink, so it is no evidence against one that the sink refuses. */
const QUIET = new OccError('OCC_ALERT_QUIET', 'The event is no alert.')

/** Something that is done about once a second, and later after it failed. */
interface Job {
  readonly name: string
  run(): Promise<void>
  isRunning: boolean
  failures: number
  notBefore: number
}

export function createAlerts(config: Config, { emit, meters, clock, log }: AlertParts): Alerts {
  const durationText = (milliseconds: number) =>
    formatDuration(Math.max(0, Math.round(milliseconds / 1000)) * 1000)
  const ofEvents = new Map<string, EventAlerts>()
  const jobs: Job[] = []
  const watch = createServiceWatch(config.lag.interval, durationText, clock)
  let view: (() => ServiceView) | null = null
  /** What is seen at this look; null: no rule needs it. */
  let seen: ServiceView | null = null
  const needsView = !config.alerts.every(isOfEvents)
  let timer: NodeJS.Timeout | undefined

  function add(name: string, run: () => Promise<void>): void {
    jobs.push({ name, run, isRunning: false, failures: 0, notBefore: 0 })
  }

  for (const alert of config.alerts) {
    const { name, to } = alert
    const meter = meters.alert(name)
    const send: SendAlert = (id, value) => emit({ handler: name, id }, to, value, null)
    if (isOfEvents(alert)) {
      const events = createEventAlerts(eventRule(alert), send, { clock, meter, durationText })
      ofEvents.set(alertSink(name), events)
      add(name, events.tick)
    } else {
      const service = createServiceAlerts(alertRule(alert), send, { clock, meter })
      add(name, async () => {
        if (seen !== null) await service.look(watch.observe(alert, seen))
      })
    }
  }

  function look(): void {
    seen = needsView && view !== null ? view() : null
    if (seen !== null) watch.read(seen)
    for (const job of jobs) void attempt(job)
  }

  async function attempt(job: Job): Promise<void> {
    const now = clock.monotonic()
    // A slow sink holds up its own rules only.
    if (job.isRunning || now < job.notBefore) return
    job.isRunning = true
    try {
      await job.run()
      job.failures = 0
    } catch (error) {
      job.failures += 1
      job.notBefore = now + Math.min(MAX_PAUSE, LOOK_INTERVAL * 2 ** job.failures)
      const text = `The alert ${job.name} is not said yet: ${messageOf(error)}`
      log.warn({ event: 'alert.waiting', alert: job.name, code: codeOf(error) }, text)
    } finally {
      job.isRunning = false
    }
  }

  async function emitOrTake(...[source, sink, value, key]: Parameters<HandlerEmit>): Promise<void> {
    const events = ofEvents.get(sink)
    if (events === undefined) await emit(source, sink, value, key)
    else if (!(await isSaid(events, source, value))) throw QUIET
  }

  function isSaid(
    events: EventAlerts,
    { replay, handler }: Parameters<HandlerEmit>[0],
    value: unknown,
  ): boolean | Promise<boolean> {
    if (replay !== true) return events.take(value)
    // What was handled before has been said.
    meters.alert(handler).old += 1
    return false
  }

  return {
    // Without rules nothing is in the way of what handlers emit.
    emit: ofEvents.size === 0 ? emit : emitOrTake,
    start(source) {
      view = source
      if (jobs.length > 0) timer = setInterval(look, LOOK_INTERVAL).unref()
    },
    async close() {
      clearInterval(timer)
      const flushed = Promise.all([...ofEvents.values()].map((events) => events.flush()))
      await withDeadline(flushed, FLUSH_DEADLINE, 'Saying what alerts held back').catch((error) => {
        log.warn({ event: 'alert.waiting', code: codeOf(error) }, messageOf(error))
      })
    },
  }
}
