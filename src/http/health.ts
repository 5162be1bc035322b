import type { MemberStatus, ServiceStatus } from '../observe/types.ts'

export interface Liveness {
  readonly alive: boolean
  readonly reasons: readonly string[]
}

export interface Readiness {
  readonly ready: boolean
  readonly reasons: readonly string[]
}

export interface Startup {
  readonly started: boolean
  readonly reasons: readonly string[]
}

/**
 * Whether the loops turn: the one thing a restart would mend. Brokers that are down, a rebalance or
 * a drain do not count, because the loops go on turning through them.
 *
 * @param monotonic `Clock.monotonic()` now, milliseconds.
 */
export function livenessOf(
  status: ServiceStatus,
  monotonic: number,
  livenessMaxAgeMs: number,
): Liveness {
  const reasons = status.members
    .filter((member) => member.state !== 'stopped')
    .filter((member) => monotonic - member.lastTurn > livenessMaxAgeMs)
    .map(({ id, lastTurn }) => {
      const age = Math.round(monotonic - lastTurn)
      return `the loop of member ${id} has not turned for ${age} ms (limit ${livenessMaxAgeMs} ms)`
    })
  return { alive: reasons.length === 0, reasons }
}

/**
 * Whether this process is a working member of its group. A joined member without partitions is
 * ready: with more pods than partitions it stands by. `onchain_consumer_ready` says the same.
 */
export function readinessOf(status: ServiceStatus): Readiness {
  const reasons = [
    ...(status.state === 'running' ? [] : [`the service is ${status.state}`]),
    ...(status.members.length === 0 ? ['no member of the consumer group exists yet'] : []),
    ...status.members.flatMap(memberReason),
  ]
  return { ready: reasons.length === 0, reasons }
}

function memberReason({ id, state, generation, reason }: MemberStatus): string[] {
  if (state === 'joined' && generation !== null) return []
  const what = state === 'joined' ? 'joined, its assignment not known yet' : state
  return [`member ${id} is ${what}${reason === null ? '' : `: ${reason}`}`]
}

/** Remembers that every member has joined once; from then on the answer is yes for good. */
export function createStartupCheck(): (status: ServiceStatus) => Startup {
  let started = false
  return (status) => {
    const { members } = status
    started ||= members.length > 0 && members.every((member) => member.generation !== null)
    return { started, reasons: started ? [] : readinessOf(status).reasons }
  }
}
