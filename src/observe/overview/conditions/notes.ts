import { agreeing, counted } from '../../../kernel/text/figures.ts'
import { EXPIRES_SOON_DAYS } from '../../../kernel/time/expires-soon.ts'
import { LIMITS } from './limits.ts'
import type { Rule, Situation } from './situation.ts'
import { clockText, condition, havingIt, listed, partitionNames, secondsText } from './words.ts'

const MINUTE = 60_000
const QUARTER = 15 * MINUTE
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** They are counted every 10 s: an older count says that the database is away. */
const OLD_COUNT = MINUTE

/** What somebody should know while records flow. */
export const notes: readonly Rule[] = [
  lost,
  cut,
  expired,
  sinksDown,
  hanging,
  inFlightLong,
  commitsFail,
  configInvalid,
  deadLetters,
  parkedOverdue,
  workersDie,
  throttled,
  rebalances,
  logLost,
  expiring,
  strays,
  configWaits,
]

/** Within the last hour, as the alert. */
function lost({ now, counts, grewAt }: Situation) {
  const at = grewAt('lost')
  if (at === null || now - at > HOUR) return null
  const were = agreeing(
    counts.lost,
    'was deleted before it was read',
    'were deleted before they were read',
  )
  const text = `Lost: ${counted(counts.lost, 'record')} ${were}, the last at ${clockText(at, now)}`
  return condition('lost', 'critical', text, 'onchainconsumerrecordslost')
}

function cut({ now, counts, grewAt }: Situation) {
  const at = grewAt('cut')
  if (at === null || now - at > HOUR) return null
  const were = agreeing(counts.cut, 'that was read is', 'that were read are')
  const text = `Cut off: ${counted(counts.cut, 'record')} ${were} no longer in the log, since ${clockText(at, now)}`
  return condition('cut', 'critical', text, 'onchainconsumerrecordscutoff')
}

function expired({ now, certificates }: Situation) {
  const own = certificates.filter(({ notAfter }) => notAfter <= now)
  if (own.length === 0) return null
  const text = `Expired: the certificate ${listed(own.map(({ subject }) => subject))}; new connections will fail`
  return condition('certificate-expired', 'critical', text, 'onchainconsumercertificateexpired')
}

function expiring({ now, certificates }: Situation) {
  const own = certificates.filter(
    ({ notAfter }) => notAfter > now && notAfter - now < EXPIRES_SOON_DAYS * DAY,
  )
  const [first] = own.toSorted((a, b) => a.notAfter - b.notAfter)
  if (first === undefined) return null
  const days = counted(Math.floor((first.notAfter - now) / DAY), 'day')
  const text = `The certificate ${first.subject} expires in ${days}`
  return condition('certificate-expiring', 'warning', text, 'onchainconsumercertificateexpiring')
}

function sinksDown({ status: { state }, sinks }: Situation) {
  if (state !== 'running') return null
  const down = [...sinks].filter(([, { up }]) => up === 0).map(([name]) => name)
  if (down.length === 0) return null
  const text = `Sink ${listed(down)} takes nothing: records whose results go there wait`
  return condition('sink-down', 'warning', text, 'onchainconsumersinkdown')
}

function hanging({ hanging: calls }: Situation) {
  const names = [...calls].filter(([, count]) => count > 0).map(([name]) => name)
  if (names.length === 0) return null
  const text = `Calls of handler ${listed(names)} do not end, long after their timeout`
  return condition('handler-hangs', 'warning', text, 'onchainconsumerhandlerhangs')
}

/** While a circuit is open, everything waits. */
function inFlightLong({ status, partitions }: Situation) {
  if (status.circuits.some(({ state }) => state === 'open')) return null
  const age = ({ overview }: (typeof partitions)[number]) =>
    overview.facts?.oldestInFlightSeconds ?? 0
  const own = partitions.filter((each) => age(each) > LIMITS.inFlightSeconds)
  if (own.length === 0) return null
  const [first] = own.toSorted((a, b) => age(b) - age(a))
  const by = first === undefined ? '' : havingIt(first)
  const text = `A record of ${partitionNames(own)} is in flight for ${secondsText(Math.max(...own.map(age)))}${by}`
  return condition('in-flight-long', 'warning', text, 'a-record-is-in-flight-for-long')
}

function commitsFail({ grown }: Situation) {
  if (grown('failedCommits', 5 * MINUTE) === 0) return null
  const text = 'Commits fail: records are handled, but after a restart they are handled again'
  return condition('commits-fail', 'warning', text, 'onchainconsumercommitsfail')
}

function configInvalid({ status: { config } }: Situation) {
  if (config.valid) return null
  const text = 'The changed configuration is not valid, and is ignored'
  return condition('config-invalid', 'warning', text, 'onchainconsumerconfignotvalid')
}

function configWaits({ status: { config } }: Situation) {
  if (config.pendingRestart.length === 0) return null
  const text = `Waits for a restart: ${listed(config.pendingRestart)}`
  return condition('config-waits', 'info', text, 'onchainconsumerconfigwaits')
}

function deadLetters({ grown }: Situation) {
  const count = grown('dead', QUARTER)
  if (count === 0) return null
  const became = agreeing(count, 'became a dead letter', 'became dead letters')
  const text = `${counted(count, 'record')} ${became} in the last 15 minutes`
  return condition('dead-letters', 'warning', text, 'dead-letters')
}

/** They are in no partition any more, so nothing else tells that they wait. */
function parkedOverdue({ now, status: { parked = [] } }: Situation) {
  const own = parked.filter(
    ({ due, nextDueAt }) =>
      due > 0 && nextDueAt !== null && now - nextDueAt > LIMITS.lagSeconds * 1_000,
  )
  if (own.length === 0) return null
  const due = own.reduce((sum, each) => sum + each.due, 0)
  const first = clockText(Math.min(...own.map(({ nextDueAt }) => nextDueAt ?? now)), now)
  const wait = agreeing(due, 'waits although it is due', 'wait although they are due')
  const countedAt = Math.min(...own.map((each) => each.countedAt))
  const age = now - countedAt > OLD_COUNT ? `, as counted at ${clockText(countedAt, now)}` : ''
  const text = `${counted(due, 'parked record')} ${wait}, the first since ${first}${age}`
  return condition('parked-overdue', 'warning', text, 'onchainconsumerparkedoverdue')
}

function workersDie({ grown }: Situation) {
  const count = grown('workersReplaced', QUARTER)
  if (count < LIMITS.workerDeaths) return null
  const text = `${counted(count, 'worker thread')} died or hung in the last 15 minutes`
  return condition('workers-die', 'warning', text, 'onchainconsumerworkersdie')
}

function throttled({ grown }: Situation) {
  const percent = (grown('throttledSeconds', 5 * MINUTE) / (5 * 60)) * 100
  if (percent <= LIMITS.throttledPercent) return null
  const text = `The brokers throttle this pod for ${Math.round(percent)} % of the time`
  return condition('throttled', 'warning', text, 'the-brokers-throttle')
}

/** Of each group of the process. */
function rebalances({ grown, groups }: Situation) {
  const count = Math.round(grown('rebalances', 10 * MINUTE) / Math.max(1, groups.length))
  if (count <= LIMITS.rebalances) return null
  const text = `The group keeps rebalancing: ${count} times in 10 minutes`
  return condition('rebalance-storm', 'warning', text, 'onchainconsumerrebalancestorm')
}

function logLost({ grown }: Situation) {
  const count = grown('droppedLines', QUARTER)
  if (count === 0) return null
  const text = `${counted(count, 'line')} of the log could not be written in the last 15 minutes`
  return condition('log-lost', 'warning', text, 'onchainconsumerloglost')
}

function strays({ grown }: Situation) {
  const count = grown('strays', QUARTER)
  if (count === 0) return null
  const text = `${counted(count, 'error')} outside the promise of a handler in the last 15 minutes`
  return condition('stray-errors', 'warning', text, 'an-error-that-nobody-caught')
}
