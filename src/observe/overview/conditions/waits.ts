import { isLastingProblem } from '../../../kernel/shapes/partition-problem.ts'
import { pauseTargetName } from '../../../kernel/shapes/pause-target.ts'
import { agreeing, counted } from '../../../kernel/text/figures.ts'
import { LIMITS, SHORTEST_DELAY } from './limits.ts'
import type { Rule, Situation } from './situation.ts'
import { clockText, condition, havingIt, listed, partitionNames, secondsText } from './words.ts'

const MINUTE = 60_000

/** What keeps records from being handled, the worst first. */
export const waits: readonly Rule[] = [
  lifecycle,
  brokerLost,
  notJoined,
  loss,
  circuits,
  undecodable,
  operator,
  pausesUnknown,
  schema,
  letters,
  parking,
  corrupt,
  notFetched,
  transaction,
  stalled,
]

function lifecycle({ status: { state, load, members } }: Situation) {
  if (state === 'running') return null
  if (state === 'starting') {
    const why = members.find(({ reason }) => reason !== null)?.reason
    return condition('starting', 'info', `Starting${why ? `: ${why}` : ''}`, null)
  }
  if (state === 'stopped') return condition('stopped', 'info', 'Stopped', null)
  const text = `Draining: ${counted(load.inFlight, 'record')} in flight ${agreeing(load.inFlight, 'is', 'are')} finished, nothing new is taken`
  return condition('draining', 'info', text, null)
}

function brokerLost({ status: { state, members } }: Situation) {
  const member = members.find((each) => each.state === 'connecting')
  if (state !== 'running' || member === undefined) return null
  // What to check comes behind it, and is to be read at the member.
  const [why] = (member.reason ?? 'connecting').split('. ', 1)
  const text = `No broker: ${why}. Nothing is committed meanwhile`
  return condition('broker-lost', 'critical', text, 'the-brokers-are-away')
}

function notJoined({ now, status: { state, startedAt, members } }: Situation) {
  if (state !== 'running') return null
  const chapter = 'a-pod-does-not-become-ready'
  if (members.length === 0) {
    return condition('not-ready', 'info', 'Not ready: no member of the group exists yet', chapter)
  }
  const member = members.find(
    (each) => each.state !== 'connecting' && (each.state !== 'joined' || each.generation === null),
  )
  if (member === undefined) return null
  const level = now - startedAt < MINUTE ? 'info' : 'warning'
  const why = member.reason ?? 'its assignment is not known yet'
  return condition(
    'not-ready',
    level,
    `Not ready: member ${member.id} is ${member.state}: ${why}`,
    chapter,
  )
}

function loss({ partitions, numbers }: Situation) {
  const { headroomCriticalMinutes, headroomWarningMinutes } = LIMITS
  const waiting = partitions
    .map(({ overview }) => overview)
    .filter(({ facts }) => (facts?.lagSeconds ?? 0) > SHORTEST_DELAY)
    .flatMap((each) => {
      const left = each.facts?.secondsUntilLoss ?? null
      return left === null ? [] : [{ each, left }]
    })
    .toSorted((a, b) => a.left - b.left)
  const [first] = waiting
  if (first === undefined || first.left >= headroomWarningMinutes * 60) return null
  const isCritical = first.left < headroomCriticalMinutes * 60
  const when = first.left <= 0 ? 'now' : `in ${secondsText(first.left)}`
  const { secondsToDrain } = numbers
  const tail =
    secondsToDrain === null ? '' : `; the lag is gone in about ${secondsText(secondsToDrain)}`
  const text = `Data loss ${when} at ${partitionNames([first.each])}: then retention may delete records that are not handled${tail}`
  return isCritical
    ? condition('loss-imminent', 'critical', text, 'onchainconsumerdatalossimminent')
    : condition('loss-soon', 'warning', text, 'onchainconsumerdatalosssoon')
}

function circuits({ now, status }: Situation) {
  const open = status.circuits.filter(({ topic, state }) => topic === null && state === 'open')
  const [first] = open
  if (first === undefined) return null
  const since = first.openedAt === null ? '' : ` since ${clockText(first.openedAt, now)}`
  const text =
    open.length === 1
      ? `Held: the circuit of ${handlerName(first.handler)} is open${since}, because it fails with every record`
      : `Held: ${open.length} circuits are open${since}: ${listed(open.map((each) => handlerName(each.handler)))}`
  return condition('circuit-open', 'warning', text, 'a-circuit-is-open')
}

const handlerName = (handler: string) => (handler === '' ? 'the handlers' : `handler ${handler}`)

function undecodable({ status }: Situation) {
  const topics = status.circuits.filter(({ topic, state }) => topic !== null && state === 'open')
  if (topics.length === 0) return null
  const names = listed([...new Set(topics.flatMap(({ topic }) => topic ?? []))])
  const text = `Held: no record of ${names} can be decoded`
  return condition('nothing-decodes', 'warning', text, 'onchainconsumernothingdecodes')
}

function operator({ status: { pauses, circuits: all } }: Situation) {
  const handlers = all.filter(({ state }) => state === 'held').map(({ handler }) => ({ handler }))
  const names = [...new Set([...pauses, ...handlers].map(pauseTargetName))]
  if (names.length === 0) return null
  const text = `Held: an operator has paused ${listed(names)}`
  return condition('paused', 'warning', text, 'pause-and-resume')
}

/** Nothing is handed over until it is known, so that nothing is handled that somebody has paused. */
function pausesUnknown({ now, status: { startedAt }, partitions }: Situation) {
  const own = partitions.filter(({ pausedBy }) => pausedBy === 'pauses')
  if (own.length === 0) return null
  const level = now - startedAt < MINUTE ? 'info' : 'warning'
  const text = `Held: it is not known yet what operators have paused, and ${partitionNames(own)} ${agreeing(own.length, 'waits', 'wait')} for that`
  return condition('pauses-unknown', level, text, 'pause-and-resume')
}

function schema({ partitions }: Situation) {
  const own = partitions.filter(({ pausedBy }) => pausedBy === 'schema')
  if (own.length === 0) return null
  const text = `Held: ${partitionNames(own)} ${waitsFor(own.length)} a schema or earlier blocks that are not loaded`
  return condition('schema', 'warning', text, 'the-schema-registry-is-away')
}

function letters({ partitions }: Situation) {
  const own = partitions.filter(({ pausedBy }) => pausedBy === 'dead-letters')
  if (own.length === 0) return null
  const text = `Held: ${partitionNames(own)} ${waitsFor(own.length)} dead letters that their target does not take`
  return condition('letters-not-kept', 'critical', text, 'dead-letters-cannot-be-kept')
}

function parking({ partitions }: Situation) {
  const own = partitions.filter(({ pausedBy }) => pausedBy === 'parked')
  if (own.length === 0) return null
  const text = `Held: ${partitionNames(own)} ${waitsFor(own.length)} records that cannot be parked`
  return condition('not-parked', 'critical', text, 'records-cannot-be-parked')
}

const waitsFor = (count: number) => agreeing(count, 'waits for', 'wait for')

function corrupt({ partitions }: Situation) {
  const own = partitions.filter(({ problem }) => problem?.reason === 'corrupt')
  if (own.length === 0) return null
  const text = `Stalled: a batch of ${partitionNames(own)} cannot be read`
  return condition('corrupt', 'critical', text, 'a-batch-cannot-be-read')
}

function notFetched({ now, partitions }: Situation) {
  const own = partitions.filter(({ problem }) => problem !== null && problem.reason !== 'corrupt')
  const problem = own[0]?.problem
  if (problem == null) return null
  const since = clockText(Math.min(...own.map((each) => each.problem?.since ?? now)), now)
  const text = `Stalled: ${partitionNames(own)} cannot be fetched since ${since} (${problem.reason})`
  const level = own.some((each) => isLastingProblem(each.problem)) ? 'critical' : 'warning'
  return condition('not-fetched', level, text, 'onchainconsumerpartitionnotfetched')
}

function transaction({ now, partitions }: Situation) {
  const isLong = ({ blockedByTransaction: blocked }: (typeof partitions)[number]) =>
    blocked !== null && now - blocked.since > LIMITS.transactionMinutes * MINUTE
  const own = partitions.filter(
    (each) => isLong(each) || (each.overview.word === 'stalled' && isBehindTransaction(each)),
  )
  if (own.length === 0) return null
  const since = clockText(
    Math.min(...own.map((each) => each.blockedByTransaction?.since ?? now)),
    now,
  )
  const text = `Stalled: an open transaction holds back records of ${partitionNames(own)} since ${since}`
  const level = own.some(isLong) ? 'warning' : 'info'
  return condition('transaction-open', level, text, 'a-transaction-stays-open')
}

/** All that can be read is committed: it waits for the transaction, and for nothing of this service. */
function isBehindTransaction({
  blockedByTransaction: blocked,
  stableOffset: stable,
  committedOffset: committed,
}: Situation['partitions'][number]): boolean {
  return blocked !== null && (stable === null || committed === null || committed >= stable)
}

/** What waits for another reason has been named already. */
function stalled({ partitions }: Situation) {
  const own = partitions.filter(
    (each) =>
      each.overview.word === 'stalled' && each.problem === null && !isBehindTransaction(each),
  )
  const [first] = own.toSorted((a, b) => lagOf(b) - lagOf(a))
  if (first === undefined) return null
  const taken = first.overview.facts?.oldestInFlightSeconds ?? null
  const tail =
    taken === null ? '' : `; a record is in flight for ${secondsText(taken)}${havingIt(first)}`
  const text = `Stalled: nothing of ${partitionNames(own)} was committed for a while, and ${counted(lagOf(first), 'record')} of ${partitionNames([first])} ${agreeing(lagOf(first), 'waits', 'wait')}${tail}`
  return condition('stalled', 'critical', text, 'onchainconsumerpartitionstuck')
}

const lagOf = ({ lag }: { readonly lag: number | null }) => lag ?? 0
