import { agreeing, counted, formatCount } from '../../../kernel/text/figures.ts'
import type { Condition } from '../types.ts'
import { LIMITS } from './limits.ts'
import type { Situation } from './situation.ts'
import { condition, partitionNames, rateText, secondsText } from './words.ts'

/** A group is behind when more than this waits elsewhere: seconds of what is produced, records. */
const OTHERS_SECONDS = 20
const OTHERS_RECORDS = 1_000

/**
 * How the partitions do that are not held up: exactly one sentence of those below; null: there is
 * none of them, or the service does not run.
 */
export function progress(situation: Situation): Condition | null {
  const { status, partitions } = situation
  if (status.state !== 'running') return null
  if (partitions.length === 0) return standby(situation)
  // What it knows is of before: it has no broker, or no topic.
  const away = new Set(
    status.members
      .filter(({ state }) => state === 'connecting' || state === 'waiting')
      .map(({ id, group }) => memberKey(id, group)),
  )
  const moving = partitions.filter(
    ({ overview: { word }, member, group }) =>
      word !== 'held' && word !== 'stalled' && !away.has(memberKey(member, group)),
  )
  if (moving.length === 0) return null
  const words = new Set(moving.map(({ overview }) => overview.word))
  const rest =
    moving.length < partitions.length
      ? ` with the other ${agreeing(moving.length, 'partition', counted(moving.length, 'partition'))}`
      : ''
  if (words.has('growing')) return fallingBehind(situation, moving)
  if (words.has('behind')) return catchingUp(moving, rest)
  if (words.has('unknown')) return unknown(moving)
  return (rest === '' ? othersBehind(situation) : null) ?? keepingUp(situation, moving, rest)
}

function standby({ status: { members } }: Situation) {
  // Said already: it is not a member yet.
  if (!members.some(({ state, generation }) => state === 'joined' && generation !== null))
    return null
  const text = 'On standby: no partition is assigned to this pod'
  return condition('standby', 'info', text, 'onchainconsumeridlepods')
}

function fallingBehind({ numbers }: Situation, moving: Situation['partitions']) {
  const growing = moving.filter(({ overview }) => overview.word === 'growing')
  const { secondsUntilLoss: left, firstLoss } = numbers
  const loss =
    left === null || firstLoss === null
      ? ''
      : `; data loss in ${secondsText(left)} at the earliest, at ${firstLoss}`
  const oldest = oldestOf(moving)
  const behind = oldest === null ? '' : `, ${secondsText(oldest)} behind`
  const text = `Falling behind: ${growth(growing)} at ${partitionNames(growing)}${behind}${loss}`
  return condition('falling-behind', 'warning', text, 'the-lag-grows')
}

function catchingUp(moving: Situation['partitions'], rest: string) {
  const oldest = oldestOf(moving)
  const etas = moving.map(({ overview }) => overview.facts?.secondsToDrain ?? null)
  const slowest = etas.includes(null) ? null : Math.max(...etas.map(Number))
  const done =
    slowest === null ? 'it is not known when it is done' : `done in about ${secondsText(slowest)}`
  const behind = oldest === null ? 'behind' : `${secondsText(oldest)} behind`
  const isHigh = (oldest ?? 0) > LIMITS.lagSeconds
  return isHigh
    ? condition(
        'catching-up',
        'warning',
        `Catching up${rest}: ${behind}, ${done}`,
        'onchainconsumerlaghigh',
      )
    : condition('catching-up', 'info', `Catching up${rest}: ${behind}, ${done}`, 'the-lag-grows')
}

function unknown(moving: Situation['partitions']) {
  const own = moving.filter(({ overview }) => overview.word === 'unknown')
  const ages = own.flatMap(({ overview: { facts } }) =>
    facts === null || facts.isCurrent ? [] : (facts.endAgeSeconds ?? []),
  )
  const how = `how far behind ${partitionNames(own)} ${agreeing(own.length, 'is', 'are')}`
  if (ages.length === 0) return condition('unknown', 'info', `Not known yet: ${how}`, null)
  const age = secondsText(Math.max(...ages))
  const text = `Not known: ${how}; no broker has said for ${age} what is produced`
  return condition('unknown', 'warning', text, 'the-brokers-are-away')
}

function memberKey(id: string, group = ''): string {
  return `${group} ${id}`
}

/** What other pods have of the group of the service. */
function othersBehind({ groups, partitions }: Situation) {
  const report = groups.find(({ isOwn }) => !isOwn)?.report
  if (report?.known !== true) return null
  const own = partitions.filter(({ group }) => group === undefined)
  if (own.length >= report.partitions) return null
  const others = report.lag - own.reduce((sum, { lag }) => sum + (lag ?? 0), 0)
  const { produceRate, consumeRate, secondsToDrain } = report
  if (others <= Math.max(OTHERS_RECORDS, OTHERS_SECONDS * (produceRate ?? 0))) return null
  const wait = `${counted(others, 'record')} of the group ${agreeing(others, 'waits', 'wait')} in other pods`
  if (secondsToDrain !== null || produceRate === null || consumeRate === null) {
    const done = secondsToDrain === null ? '' : `, done in about ${secondsText(secondsToDrain)}`
    return condition('others-behind', 'info', `This pod keeps up; ${wait}${done}`, 'the-lag-grows')
  }
  const more = `${rateText(Math.max(0, produceRate - consumeRate))}/s more than handled`
  return condition(
    'others-behind',
    'warning',
    `This pod keeps up; ${wait}: ${more}`,
    'the-lag-grows',
  )
}

function keepingUp({ numbers, counts }: Situation, moving: Situation['partitions'], rest: string) {
  const oldest = oldestOf(moving)
  const waiting = moving.reduce((sum, each) => sum + waitingOf(each), 0)
  const none =
    waiting === 0
      ? 'nothing waits'
      : `${counted(waiting, 'record')} ${agreeing(waiting, 'waits', 'wait')}`
  const behind = oldest === null || oldest === 0 ? none : `${secondsText(oldest)} behind`
  const { outPerSecond } = numbers
  // It is that of all partitions, and over a minute: also of those that stand still since.
  const isOfAll = rest === '' && outPerSecond !== null
  const rate = isOfAll ? `, ${rateText(outPerSecond)} records/s` : ''
  const lost =
    counts.lost === 0 ? 'nothing lost' : `${formatCount(counts.lost)} lost since the start`
  return condition('keeping-up', 'ok', `Keeping up${rest}: ${behind}${rate}, ${lost}`, null)
}

/** Records that are not handled. Those with a time in the future are no second behind, and wait all the same. */
function waitingOf({ overview, caughtUp, oldestUnprocessedTime }: Situation['partitions'][number]) {
  return caughtUp && oldestUnprocessedTime === null ? 0 : (overview.facts?.lag ?? 0)
}

/** Age of the oldest record that waits, seconds; null: not known. */
function oldestOf(partitions: Situation['partitions']): number | null {
  const ages = partitions.flatMap(({ overview }) => overview.facts?.lagSeconds ?? [])
  return ages.length === 0 ? null : Math.max(...ages)
}

/** The rate at which the lag of these partitions grows, records a second. */
function growth(partitions: Situation['partitions']): string {
  const facts = partitions.flatMap(({ overview }) => overview.facts ?? [])
  const more = facts.reduce(
    (sum, { inPerSecond, outPerSecond }) => sum + (inPerSecond ?? 0) - (outPerSecond ?? 0),
    0,
  )
  return `${rateText(more)}/s more than handled`
}
