import type {
  LetterAction,
  LetterOrder,
  LetterWork,
  Operator,
} from '../../http/api/letter-types.ts'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import { withDeadline } from '../../kernel/lifecycle.ts'
import type { Log } from '../../kernel/log.ts'
import { counted } from '../../kernel/text/counted.ts'
import { redactText } from '../../kernel/text/redact-text.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import { allOrNothing, createBudget } from './budget.ts'
import { createTopicDestination, type Destination } from './destination.ts'
import { dropLetters } from './drop.ts'
import type { OpenedStore } from './open.ts'
import { planOf } from './plan.ts'
import type { Selection } from './selection.ts'
import { type Sent, sendLetters } from './send.ts'

/** Milliseconds that a batch may take when the service stops; afterwards its letters are uncertain. */
const STOP = 5_000
/** Milliseconds until it must be known what is to be done. */
export const PLANNING = 30_000
const MAX_REASON = 500

export interface LetterWorkParts {
  /** Opens the letters for the time of the work. */
  withLetters<T>(work: (opened: OpenedStore) => Promise<T>): Promise<T>
  readonly clock: Clock
  readonly log: Log
}

type Report = { -readonly [Key in keyof LetterWork]: LetterWork[Key] }

/** Redrives and drops letters in the background: one at a time in this process. */
export function createLetterWork({ withLetters, clock, log }: LetterWorkParts) {
  const newest = new Map<LetterAction, Report>()
  let current: {
    readonly action: LetterAction
    readonly by: string
    readonly abort: AbortController
    readonly ended: Promise<void>
  } | null = null
  let isStopped = false
  let stopping: Promise<void> | null = null

  async function run(
    report: Report,
    opened: OpenedStore,
    destination: Destination | null,
    selection: Selection,
    { rate }: LetterOrder,
    signal: AbortSignal,
  ): Promise<void> {
    const progress = (done: number) => {
      report.done = done
    }
    const reading = {
      ...opened,
      goesOn: allOrNothing(createBudget(Number.POSITIVE_INFINITY, signal)),
    }
    if (destination === null) {
      report.done = await dropLetters(reading, selection, signal, progress)
    } else {
      take(await sendLetters(reading, destination, { selection, rate, signal, progress }), report)
    }
  }

  return {
    work: (action: LetterAction): LetterWork | null => newest.get(action) ?? null,

    async begin(
      action: LetterAction,
      order: LetterOrder,
      selection: Selection,
      { who, address }: Operator,
    ): Promise<LetterWork> {
      if (isStopped) throw locked('this pod is about to stop')
      if (current !== null) throw locked(`a ${current.action} by ${current.by}, in this pod`)
      const begun = Promise.withResolvers<LetterWork>()
      const abort = new AbortController()
      const { signal } = abort
      let report: Report | null = null

      const all = withLetters(async (opened) => {
        await opened.store.lock(selection.filter)
        const goesOn = allOrNothing(createBudget(PLANNING, signal))
        const plan = await planOf({ ...opened, goesOn }, selection)
        const destination = action === 'redrive' ? toTheirTopics(opened) : null
        try {
          const { wanted } = plan
          if (wanted > 0) await destination?.check(plan.topics)
          report = reportOf(action, order, who, wanted, clock.now())
          newest.set(action, report)
          log.warn(
            { event: 'admin.letters-begun', action, who, address, wanted, choice: report.choice },
            `An operator (${who}) has begun to ${action} ${counted(wanted, 'dead letter')}`,
          )
          begun.resolve({ ...report })
          if (wanted > 0) await run(report, opened, destination, selection, order, signal)
        } finally {
          await destination?.close()
        }
      })
      const ended = all.then(
        () => end(report, signal.aborted ? 'cancelled' : 'done', null),
        (error: unknown) => {
          begun.reject(error)
          end(report, 'failed', error)
        },
      )
      const over = ended.finally(() => {
        current = null
      })
      current = { action, by: who, abort, ended: over }
      return begun.promise
    },

    cancel(action: LetterAction, { who, address }: Operator): boolean {
      if (current?.action !== action) return false
      log.warn(
        { event: 'admin.letters-cancelled', action, who, address },
        `An operator (${who}) has cancelled the ${action} of dead letters by ${current.by}`,
      )
      current.abort.abort()
      return true
    },

    stop(): Promise<void> {
      isStopped = true
      current?.abort.abort()
      stopping ??= withDeadline(
        current?.ended ?? Promise.resolve(),
        STOP,
        'The work on dead letters',
      )
      // Whoever awaits it hears of it.
      stopping.catch(() => {})
      return stopping
    },
  }

  function end(report: Report | null, state: LetterWork['state'], error: unknown): void {
    if (report === null) return
    report.state = state
    report.endedAt = new Date(clock.now()).toISOString()
    if (state === 'failed') {
      report.error = { code: codeOf(error), detail: redactText(messageOf(error)) }
    }
    const { action, by: who, wanted, done, refused, reasons } = report
    const fields = { action, who, state, wanted, done, refused, reasons, error: report.error }
    const isWell = state === 'done' && refused === 0
    log[isWell ? 'info' : 'warn'](
      { event: 'admin.letters-ended', ...fields },
      `The ${action} of dead letters by ${who} is ${state}: ${done} of ${wanted}`,
    )
  }
}

function toTheirTopics(opened: OpenedStore) {
  return createTopicDestination(opened, { toTopic: undefined, toGroup: undefined })
}

function reportOf(
  action: LetterAction,
  { choice }: LetterOrder,
  by: string,
  wanted: number,
  now: number,
): Report {
  const { until, ...rest } = choice
  return {
    action,
    state: 'running',
    by,
    choice: { ...rest, ...(until !== undefined && { until: new Date(until).toISOString() }) },
    startedAt: new Date(now).toISOString(),
    endedAt: null,
    wanted,
    done: 0,
    refused: 0,
    reasons: [],
    error: null,
  }
}

function take({ sent, failed, reasons }: Sent, report: Report): void {
  report.done = sent + failed
  report.refused = failed
  report.reasons = Array.from(reasons, ([reason, { count, id }]) => ({
    reason: redactText(reason).slice(0, MAX_REASON),
    letters: count,
    id,
  }))
}

function locked(what: string): OccError {
  return new OccError(
    'OCC_DEAD_LETTERS_LOCKED',
    `Another redrive or drop of dead letters is under way: ${what}. Wait for its end, or cancel it.`,
    { retriable: true },
  )
}
