import { isLastingProblem, stuckBy } from '../kernel/shapes/partition-problem.ts'
import type { MemberStatus, PartitionStatus, ServiceStatus } from '../observe/types.ts'

export interface Liveness {
  readonly alive: boolean
  readonly reasons: readonly string[]
}

export interface Readiness {
  readonly ready: boolean
  readonly reasons: readonly string[]
  /** Problems that somebody must fix while other partitions are consumed. */
  readonly warnings: readonly string[]
}

export interface Startup {
  readonly started: boolean
  readonly reasons: readonly string[]
}

/**
 * Whether the member loops make progress: a stuck loop is the only fault that a restart fixes.
 * Unavailable brokers, a rebalance and a drain do not matter, because the loops keep running.
 *
 * @param monotonic `Clock.monotonic()` now, milliseconds.
 */
export function livenessOf(
  status: ServiceStatus,
  monotonic: number,
  livenessMaxAge: number,
): Liveness {
  const reasons = status.members
    .filter((member) => member.state !== 'stopped')
    .filter((member) => monotonic - member.lastTurn > livenessMaxAge)
    .map(({ id, lastTurn }) => {
      const age = Math.round(monotonic - lastTurn)
      return `the loop of member ${id} has not turned for ${age} ms (limit ${livenessMaxAge} ms)`
    })
  return { alive: reasons.length === 0, reasons }
}

/**
 * Whether this process is a working member of its group. A joined member without partitions is
 * ready: with more pods than partitions it is on standby. A member is not ready if all of its
 * partitions have a permanent problem or hold nothing decodable, or if it may not consume because it is
 * not known what is paused, so that a rollout stops there.
 * The metric `onchain_consumer_ready` reports the same.
 */
export function readinessOf(status: ServiceStatus): Readiness {
  const reasons = [
    ...(status.state === 'running' ? [] : [`the service is ${status.state}`]),
    ...(status.members.length === 0 ? ['no member of the consumer group exists yet'] : []),
    ...status.members.flatMap(memberReason),
    ...status.members.flatMap(({ id }) => stuckMemberReason(id, status)),
    ...(status.unknownPauses === undefined ? [] : [status.unknownPauses]),
  ]
  const warnings = [
    ...status.partitions.filter(({ problem }) => isLastingProblem(problem)).map(problemWords),
    ...status.circuits.flatMap(({ problem }) => problem ?? []),
  ]
  // Groups of one process may have the same problem with a topic.
  return { ready: reasons.length === 0, reasons, warnings: [...new Set(warnings)] }
}

function problemWords({ topic, partition, problem }: PartitionStatus): string {
  return `nothing can be fetched of ${topic}/${partition} (${problem?.reason}): ${problem?.message}`
}

function stuckMemberReason(id: string, { partitions, circuits }: ServiceStatus): string[] {
  const own = partitions.filter(({ member }) => member === id)
  const [first] = own
  if (first === undefined) return []
  const all = `none of its ${own.length} partitions`
  const by = stuckBy(own)
  if (by === null) return []
  if (by === 'problem') return [`member ${id} can fetch ${all}; ${problemWords(first)}`]
  const why = circuits.find(({ topic, problem }) => topic === first.topic && problem)?.problem
  return [`member ${id} can decode ${all}; ${why}`]
}

function memberReason({ id, state, generation, reason }: MemberStatus): string[] {
  if (state === 'joined' && generation !== null) return []
  const what = state === 'joined' ? 'joined, its assignment is not known yet' : state
  return [`member ${id} is ${what}${reason === null ? '' : `: ${reason}`}`]
}

/** Remembers that every member has joined once; from then on the answer stays positive. */
export function createStartupCheck(): (status: ServiceStatus) => Startup {
  let started = false
  return (status) => {
    const { members } = status
    started ||= members.length > 0 && members.every((member) => member.generation !== null)
    return { started, reasons: started ? [] : readinessOf(status).reasons }
  }
}
