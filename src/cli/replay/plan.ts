import { checkHandlers } from '../../app/create-handling.ts'
import type { ReplayUnit } from '../../app/create-replay.ts'
import { brokerOptions } from '../../app/room-options.ts'
import { unitsOf } from '../../app/units/units.ts'
import { findParts } from '../../broker/reading/log-places.ts'
import { configOrThrow } from '../../config/load/load.ts'
import type { Config } from '../../config/types.ts'
import type { Log } from '../../kernel/log.ts'
import { noneCalled } from '../../kernel/text/suggest.ts'
import { matchesAnyTopic } from '../../kernel/topic-pattern.ts'
import { type Flags, timeOf, usageError } from '../arguments.ts'
import type { Io } from '../terminal/io.ts'
import type { replayFlags } from './flags.ts'
import type { ReplayParts, ReplayRange } from './progress-file.ts'

/** What is replayed, before the brokers are asked. */
export interface ReplayQuestion {
  readonly config: Config
  readonly units: ReadonlyArray<Omit<ReplayUnit, 'parts'>>
  readonly range: ReplayRange
  /** Milliseconds since the epoch. */
  readonly from: number
  readonly to: number
}

const MIN_COMMIT_INTERVAL = 1_000

/** Rejects with OCC_USAGE, OCC_CONFIG, or why a handler cannot be loaded. */
export async function questionOf(
  flags: Flags<typeof replayFlags>,
  io: Io,
): Promise<ReplayQuestion> {
  const now = Date.now()
  if (flags.from === undefined) throw usageError('--from is missing; give a time: --from 2h')
  const from = timeOf('--from', flags.from, now)
  const to = flags.to === undefined ? now : timeOf('--to', flags.to, now)
  if (to > now) throw usageError(`--to ${flags.to} is in the future; the range must be over`)
  if (from >= to) throw usageError(`--from ${flags.from} is not before --to ${flags.to ?? 'now'}`)
  if (flags['dry-run'] !== undefined && flags.progress !== undefined) {
    throw usageError('--dry-run keeps no progress; remove --progress')
  }
  const { topic = null, handler = null } = flags
  const configured = configOrThrow({ file: flags.config, env: io.env })
  const config = handler === null ? configured : await withNames(configured)
  const units = unitsFor(config, topic, handler)
  return {
    config,
    units,
    from,
    to,
    range: { from: flags.from, to: flags.to ?? 'now', topic, handler },
  }
}

/** A handler may be named by its module only. */
async function withNames(config: Config): Promise<Config> {
  const handlers = await Promise.all(
    config.handlers.map(async (entry) => {
      if (entry.name !== undefined) return entry
      const { names, problems } = await checkHandlers({ ...config, handlers: [entry] }, false)
      if (problems.length > 0) throw problems[0]
      return { ...entry, name: names[0] }
    }),
  )
  return { ...config, handlers }
}

function unitsFor(config: Config, topic: string | null, handler: string | null) {
  const { kafka, handlers } = config
  if (handlers.length === 0) {
    throw usageError(
      config.alerts.length === 0
        ? 'the configuration has no handlers, so there is nothing to replay to'
        : 'the configuration has no handlers, only alerts, which say nothing of records that are handled again; see what a rule would have said with alert dry-run',
    )
  }
  if (topic !== null && !kafka.topics.includes(topic)) {
    throw usageError(`--topic: ${noneCalled('topic of kafka.topics', topic, kafka.topics)}`)
  }
  const names = handlers.flatMap(({ name }) => name ?? [])
  if (handler !== null && !names.includes(handler)) {
    throw usageError(`--handler: ${noneCalled('handler', handler, names)}`)
  }
  const units = unitsOf(config).flatMap((unit) => {
    const own = unit.config.handlers.filter(({ name }) => handler === null || name === handler)
    const patterns = own.flatMap(({ topics }) => topics)
    const topics = unit.config.kafka.topics.filter(
      (each) => (topic === null || each === topic) && matchesAnyTopic(patterns, each),
    )
    if (topics.length === 0) return []
    const commit = { ...unit.config.commit }
    if (commit.interval < MIN_COMMIT_INTERVAL) commit.interval = MIN_COMMIT_INTERVAL
    const ofUnit = {
      ...unit.config,
      handlers: own,
      commit,
      kafka: { ...unit.config.kafka, topics },
    }
    return [{ own: unit.own, config: ofUnit, handler }]
  })
  if (units.length > 0) return units
  throw usageError(`no handler gets the topic ${topic}; change --topic, or handlers[].topics`)
}

/** Asks the brokers which records are in the range. */
export async function partsOf(question: ReplayQuestion, log: Log): Promise<ReplayParts> {
  const { config, units, from, to } = question
  const topics = [...new Set(units.flatMap((unit) => unit.config.kafka.topics))]
  const found = await findParts(
    brokerOptions(config),
    topics.map((topic) => ({ topic, partitions: null, from: { kind: 'time', time: from } })),
    { kind: 'time', time: to },
    config.kafka.isolationLevel === 'read_uncommitted',
    log,
  )
  return Object.fromEntries(
    units.map((unit) => [
      unit.config.kafka.groupId,
      found
        .filter(({ topic }) => unit.config.kafka.topics.includes(topic))
        .map(({ topic, partition, from: first, to: last, topicId = null }) => {
          return {
            topic,
            partition,
            topicId,
            first,
            from: first,
            to: Math.max(first, last ?? first),
            finished: [],
          }
        }),
    ]),
  )
}
