import { eventRule } from '../../app/alerts/alert-rules.ts'
import { isOfEvents } from '../../config/check/alerts.ts'
import { formatDuration } from '../../kernel/text/units.ts'
import { matchesAnyTopic } from '../../kernel/topic-pattern.ts'
import { toAlertEvent } from '../../sink/alerts/event.ts'
import { createEventAlerts } from '../../sink/alerts/event-alerts.ts'
import type { Alert } from '../../sink/alerts/types.ts'
import { type Flags, numberOf, timeOf, usageError } from '../arguments.ts'
import { readerBrokers } from '../records/kafka-config.ts'
import { readTopicRecords } from '../records/topic-records.ts'
import type { Io } from '../terminal/io.ts'
import { printable } from '../terminal/printable.ts'
import { counted, formatCount, table } from '../terminal/terminal.ts'
import type { dryRunFlags } from './flags.ts'
import { passing, type RuleConfig, withRule } from './rule.ts'

const MAX_COUNT = 1_000_000
const DEFAULT_COUNT = '100000'
/** Milliseconds, of the time of the records. */
const LOOK_INTERVAL = 1_000
/** Events that are held, of all topics. */
const MAX_EVENTS = 200_000
/** Rows of the table; the summary counts all. */
const MAX_ROWS = 100

/** Prints what the rule would have said of the records. Exit code 0, whatever that is. */
export async function dryRun(
  name: string,
  flags: Flags<typeof dryRunFlags>,
  io: Io,
): Promise<number> {
  if (flags.since === undefined) {
    throw usageError('--since is missing; give --since: an age such as 2h, or a time')
  }
  const since = timeOf('--since', flags.since, Date.now())
  const range = { min: 1, max: MAX_COUNT, integer: true }
  const count = numberOf('--count', flags.count ?? DEFAULT_COUNT, range)
  return withRule(name, flags, false, io, (rule) => look(rule, { since, count }, flags, io))
}

async function look(
  rule: RuleConfig,
  { since, count }: { readonly since: number; readonly count: number },
  flags: Flags<typeof dryRunFlags>,
  io: Io,
): Promise<number> {
  const { name } = rule.alert
  const brokers = readerBrokers(rule.config, flags, '--topic')
  if (!isOfEvents(rule.alert)) {
    throw usageError(
      `the rule ${name} is about the service while it runs, which records do not tell; alert test ${name} sends one of its alerts`,
    )
  }
  const values: unknown[] = []
  let read = 0
  let failed = 0
  for (const topic of topicsOf(rule, flags.topic)) {
    const options = { count: count + 1, since, partition: undefined }
    const { records, isFull } = await readTopicRecords(brokers, topic, options)
    const first = records.slice(0, count)
    if (records.length > count || isFull) {
      const why = isFull ? 'more would not fit into memory' : '--count'
      io.stderr.write(
        `${topic} has more records: only the first ${formatCount(first.length)} are looked at (${why}).\n`,
      )
    }
    const found = await passing(rule, first, io, MAX_EVENTS - values.length)
    if (found.isFull) {
      io.stderr.write(
        `${topic} has more events: only the first ${formatCount(MAX_EVENTS)} that pass the filter are looked at.\n`,
      )
    }
    read += first.length
    failed += found.failed
    for (const value of found.values) values.push(value)
  }
  const { said, held } = await replay(rule, values)
  if (said.length > 0) io.stdout.write(`${rows(said)}\n\n`)
  const unread = failed === 0 ? '' : `, ${formatCount(failed)} not readable`
  const parts = [`${counted(values.length, 'event passes', 'events pass')} the filter`]
  parts.push(counted(said.length, 'alert'), `${formatCount(held)} held back`)
  io.stdout.write(`${counted(read, 'record')}${unread}; ${parts.join(', ')}. Nothing was sent.\n`)
  return 0
}

function topicsOf({ config, alert }: RuleConfig, topic: string | undefined): readonly string[] {
  if (topic === undefined) {
    return config.kafka.topics.filter((each) => matchesAnyTopic(alert.topics, each))
  }
  if (matchesAnyTopic(alert.topics, topic)) return [topic]
  throw usageError(`the rule ${alert.name} is not about ${topic}: ${alert.topics.join(', ')}`)
}

/** The rule, with a clock that shows when each record was written. */
async function replay({ alert }: RuleConfig, values: readonly unknown[]) {
  const rule = eventRule(alert)
  const said: Alert[] = []
  const meter = { sent: 0, held: 0, old: 0 }
  let now = 0
  const clock = { now: () => now, monotonic: () => now }
  const keep = async (_: string, one: Alert) => void said.push(one)
  const parts = { clock, meter, durationText: formatDuration }
  const events = createEventAlerts(rule, keep, parts)
  const timed = values.map((value) => ({ value, at: toAlertEvent(value).timestamp }))
  let ticked = Number.NEGATIVE_INFINITY
  for (const { value, at } of timed.sort((a, b) => a.at - b.at)) {
    now = at
    // As the service does: each time looks at every key that is in its cooldown.
    if (now - ticked >= LOOK_INTERVAL) {
      ticked = now
      await events.tick()
    }
    await events.take(value)
  }
  now += rule.cooldown
  await events.flush()
  return { said, held: meter.held }
}

function rows(said: readonly Alert[]): string {
  const shown = said.slice(0, MAX_ROWS).map(({ time, message }) => [time, printable(message)])
  const more = said.length > MAX_ROWS ? `\n(${formatCount(said.length - MAX_ROWS)} more)` : ''
  return `${table(shown, { header: ['Time', 'Message'], fit: { column: 1, width: 1_000 } })}${more}`
}
