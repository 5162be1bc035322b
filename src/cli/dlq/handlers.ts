import { handlersOf } from '../../app/alerts/alert-rules.ts'
import { checkHandlers, createHandling, type Handling } from '../../app/create-handling.ts'
import { type Destination, redriveHeaders } from '../../app/letters/destination.ts'
import type { OpenedStore } from '../../app/letters/open.ts'
import { createSinks, logUnfitSinks } from '../../app/sinks/create-sinks.ts'
import { unitsOf } from '../../app/units/units.ts'
import { alertKind, isOfEvents } from '../../config/check/alerts.ts'
import type { Config } from '../../config/types.ts'
import { codeOf, OccError, together, toOccError } from '../../kernel/errors.ts'
import { thrown } from '../../kernel/shapes/outcome.ts'
import { partitionName } from '../../kernel/shapes/record.ts'
import { redactText } from '../../kernel/text/redact-text.ts'
import { systemClock } from '../../kernel/time/clock.ts'
import { createMeters } from '../../observe/meters/meters.ts'
import type { StoredLetter } from '../../sink/dead-letters/types.ts'
import { attempt, type Processor } from '../handler/attempt.ts'

/** The handlers of one consumer group. */
interface GroupHandlers {
  readonly groupId: string
  readonly isOfService: boolean
  readonly handling: Handling
  readonly processors: Map<string, Processor>
  /** Partitions in which a call hangs: nothing behind it is begun. */
  readonly hanging: Set<string>
}

/**
 * The configured handlers, in this process. Each letter gets one attempt by the handlers it is for,
 * in order within a partition, partitions in parallel. Letters that fail again stay.
 */
export async function openHandlers({ config, log }: OpenedStore): Promise<Destination> {
  if (handlersOf(config).length === 0) {
    throw new OccError(
      'OCC_REDRIVE_NO_HANDLERS',
      'The configuration has no handlers: add them under handlers, or omit --to-handlers.',
    )
  }
  const abort = new AbortController()
  const sinks = createSinks(withOldAlerts(config), log)
  const counting = config.alerts.filter(isOfEvents).filter((rule) => alertKind(rule) !== 'event')
  const windows = new Set(counting.map(({ name }) => name))
  const units = unitsOf(config).map((unit): GroupHandlers => {
    return {
      groupId: unit.config.kafka.groupId,
      isOfService: unit.own === null,
      handling: createHandling(remembersNothing(unit.config), {
        emit: sinks.emit,
        meters: createMeters(),
        clock: systemClock,
        log,
      }),
      processors: new Map(),
      hanging: new Set(),
    }
  })
  let started: Promise<void> | null = null

  async function start(): Promise<void> {
    await Promise.all(units.map(({ handling }) => handling.start()))
    await logUnfitSinks(sinks, log)
  }

  /** undefined: the letter names no handler, and its group has none. */
  function unitOf({ handler, group }: StoredLetter): GroupHandlers | undefined {
    const wanted = group ?? config.kafka.groupId
    const own = units.find(({ groupId }) => groupId === wanted)
    const names = handler?.split(',') ?? []
    const has = ({ handling }: GroupHandlers) =>
      names.every((name) => handling.names().includes(name))
    if (own !== undefined && has(own)) return own
    // Its handler may have got another group since.
    const other = names.length === 0 ? undefined : units.find(has)
    return other ?? own ?? units.find(({ isOfService }) => isOfService)
  }

  async function handle(letter: StoredLetter): Promise<string | null> {
    const rule = letter.handler?.split(',').find((name) => windows.has(name))
    if (rule !== undefined) return notCounted(rule)
    const unit = unitOf(letter)
    if (unit === undefined) return nobody(letter, config)
    const { groupId, handling, processors, hanging } = unit
    const record = { ...letter.record, headers: redriveHeaders(letter, groupId) }
    const name = partitionName(record)
    const processor = processors.get(name) ?? handling.openProcessor(record)
    processors.set(name, processor)
    // Such a record is finished without a call.
    if (processor.handlers?.length === 0) return nobody(letter, config)
    if (hanging.has(name)) return behindHanging(name)
    const [outcome] = await attempt(processor, [record], abort.signal).catch((error) => {
      if (codeOf(error) === 'OCC_HANDLER_TIMEOUT') hanging.add(name)
      return [thrown(error)] as const
    })
    processor.settled?.(record)
    if (outcome.kind === 'ok' || outcome.kind === 'skip') return null
    if (outcome.kind === 'later') return `parked by the handler: ${redactText(outcome.reason)}`
    return `${outcome.error.code}: ${redactText(outcome.error.message)}`
  }

  return {
    text: 'to the handlers',
    async check() {
      const { problems } = await checkHandlers(config, false)
      const errors = problems.map((problem) => toOccError(problem, 'OCC_HANDLER_LOAD'))
      if (errors.length > 0) throw together('OCC_HANDLER_LOAD', errors)
    },
    async deliver(letters) {
      started ??= start()
      await started
      const reasons = new Map<StoredLetter, string | null>()
      const partitions = Map.groupBy(letters, ({ record }) => partitionName(record))
      await Promise.all(
        Array.from(partitions.values(), async (ofPartition) => {
          for (const letter of ofPartition) reasons.set(letter, await handle(letter))
        }),
      )
      return letters.map((letter) => reasons.get(letter) ?? null)
    },
    async close() {
      abort.abort()
      await Promise.all(units.map(({ handling }) => handling.close()))
      await sinks.close()
    },
  }
}

/** Letters of one record have the same events, and each is an attempt of its own. */
function remembersNothing(config: Config): Config {
  return { ...config, deduplication: { ...config.deduplication, window: 0 } }
}

/** An alert that became a letter was never said, however old it is by now. */
function withOldAlerts(config: Config): Config {
  const alerts = config.alerts.map((rule) => ({ ...rule, maxAge: Number.MAX_SAFE_INTEGER }))
  return { ...config, alerts }
}

/** The events that belong to it are in the memory of the service. */
function notCounted(rule: string): string {
  return `OCC_REDRIVE_NO_HANDLERS: the rule ${rule} of alerts counts events, which only the service does; without --to-handlers, the letter is sent to it`
}

function nobody({ group, record }: StoredLetter, { kafka }: Config): string {
  return `OCC_REDRIVE_GROUP: the group ${group ?? kafka.groupId} has no handler of ${record.topic}; without --to-handlers, --to-group NAME sends it to a group that has one`
}

function behindHanging(partition: string): string {
  return `OCC_HANDLER_TIMEOUT: not begun, because a handler hangs with a record of ${partition} before it`
}
