import type { Advice, AdviceKind } from './types.ts'

/** One observation of the group and this process. */
export interface ScalingObservation {
  /** Monotonic milliseconds. */
  readonly at: number
  readonly group: {
    readonly lag: number
    readonly partitions: number
    readonly consumeRate: number | null
    readonly produceRate: number | null
    /** null: not known. */
    readonly members: number | null
    readonly idleMembers: number | null
  }
  /** This process. */
  readonly own: {
    /** Members that are joined. */
    readonly members: number
    readonly partitions: number
    readonly lag: number
    /**
     * Partitions whose fetching waits for a full queue, and how often that has happened in total.
     */
    readonly pausedPartitions: number
    readonly pauses: number
    /**
     * Share of the time, 0 to 1, in which the records of its partitions waited behind retries: the
     * most of any partition.
     */
    readonly behindRetries: number
    /** Share of the time that the event loop was busy since the last observation, 0 to 1. */
    readonly busyRatio: number
    /** More pods would not help now: see scaling-hold.ts. */
    readonly isHeld: boolean
  }
}

interface Condition {
  /** Since when it has held without interruption; null if it does not hold. */
  readonly since: number | null
  /** Since when it has not held. */
  readonly goneSince: number | null
  /** The advice given; null: none. */
  readonly advice: Advice | null
}

export interface AdviceState {
  readonly last: ScalingObservation | null
  readonly conditions: Readonly<Record<AdviceKind, Condition>>
}

export interface AdviceOptions {
  /**
   * Milliseconds that a condition must hold before it is advised, and be absent before the advice
   * ends.
   */
  readonly after: number
}

const NOTHING: Condition = { since: null, goneSince: null, advice: null }

export const noAdvice: AdviceState = {
  last: null,
  conditions: {
    'add-partitions': NOTHING,
    'remove-replicas': NOTHING,
    'raise-concurrency': NOTHING,
    'relax-order': NOTHING,
  },
}

/** Below this the processor is not the bottleneck. */
const LOW_BUSY_RATIO = 0.5
/** A lag below this many seconds of production is only records in transit. */
const LAG_SECONDS = 10
/** From this share of the time on, waiting behind retries is worth advice. */
const MUCH_WAITING = 0.1
const MOST_OF_THE_TIME = 0.5
/** Rates are averages of samples; smaller differences are ignored. */
const RATE_MARGIN = 1.02

/** The state after one more observation. Pure: the same observations give the same advice. */
export function advise(
  state: AdviceState,
  observation: ScalingObservation,
  options: AdviceOptions,
): AdviceState {
  const next = (kind: AdviceKind, text: string | null) =>
    settle(state.conditions[kind], kind, text, observation.at, options)
  // While held, neither the number of partitions nor the concurrency is the bottleneck.
  const { isHeld } = observation.own
  return {
    last: observation,
    conditions: {
      'add-partitions': isHeld ? NOTHING : next('add-partitions', addPartitions(observation)),
      'remove-replicas': next('remove-replicas', removeReplicas(observation)),
      'raise-concurrency': isHeld
        ? NOTHING
        : next('raise-concurrency', raiseConcurrency(observation, state.last)),
      'relax-order': isHeld ? NOTHING : next('relax-order', relaxOrder(observation)),
    },
  }
}

export function adviceOf({ conditions }: AdviceState): Advice[] {
  return Object.values(conditions).flatMap(({ advice }) => advice ?? [])
}

/**
 * Hysteresis: advice takes the same time to appear and to disappear, so a varying rate does not
 * make it flap.
 */
function settle(
  before: Condition,
  kind: AdviceKind,
  text: string | null,
  at: number,
  { after }: AdviceOptions,
): Condition {
  if (text === null) {
    const goneSince = before.goneSince ?? at
    const over = at - goneSince >= after
    return { since: null, goneSince, advice: over ? null : before.advice }
  }
  const since = before.since ?? at
  const advised = before.advice !== null || at - since >= after
  return { since, goneSince: null, advice: advised ? { kind, text } : null }
}

/** Every partition has its own member and the lag still grows: more members cannot help. */
function addPartitions({ group, own }: ScalingObservation): string | null {
  const { lag, partitions, produceRate } = group
  // If the other members are not visible, members with at most one partition each mean that the
  // group is spread as thinly as possible.
  const members = group.members ?? (own.members >= own.partitions ? partitions : 0)
  if (own.members === 0 || members < partitions || !isFallingBehind(group)) return null
  return (
    `The group falls behind (${count(lag)} records, ${rate(produceRate)} produced and ` +
    `${rate(group.consumeRate)} consumed a second) and each of the ${partitions} partitions has a ` +
    'member of its own, so more pods cannot help: add partitions to the topic.'
  )
}

function removeReplicas({ group, own }: ScalingObservation): string | null {
  const { members, idleMembers, partitions } = group
  if (members !== null && idleMembers !== null) {
    if (idleMembers === 0) return null
    return (
      `${idleMembers} of ${members} members of the group have no partition: there are only ` +
      `${partitions}. Run fewer replicas (or lower kafka.consumers), or add partitions to the topic.`
    )
  }
  if (own.members === 0 || own.partitions > 0) return null
  return (
    `This pod has no partition: there are only ${partitions} for the whole group. Run fewer ` +
    'replicas (or lower kafka.consumers), or add partitions to the topic.'
  )
}

/** Records wait, but not for the processor. */
function raiseConcurrency(
  { own, group }: ScalingObservation,
  last: ScalingObservation | null,
): string | null {
  if (own.members === 0 || own.busyRatio >= LOW_BUSY_RATIO || group.produceRate === null)
    return null
  // Then they wait for retries: relaxOrder.
  if (own.behindRetries >= MOST_OF_THE_TIME) return null
  // Even a pod that keeps up fills its queue at times, with records that have just arrived.
  const ownProduceRate = (group.produceRate * own.partitions) / group.partitions
  if (own.lag <= ownProduceRate * LAG_SECONDS) return null
  const full = own.pausedPartitions > 0 || (last !== null && own.pauses > last.own.pauses)
  const grows = last !== null && own.lag > last.own.lag && isFallingBehind(group)
  if (!full && !grows) return null
  return (
    `Records wait in this pod (lag ${count(own.lag)}) while its event loop is busy only ` +
    `${Math.round(own.busyRatio * 100)} % of the time: its handlers or sinks wait for something ` +
    'else (a database, a network). Let them do more at once, or make that faster; more CPU ' +
    'would not help.'
  )
}

/** With order `partition`, nothing overtakes a record that waits for its next attempt. */
function relaxOrder({ own: { behindRetries, lag } }: ScalingObservation): string | null {
  if (behindRetries < MUCH_WAITING || lag === 0) return null
  return (
    `Records wait behind retries: in ${Math.round(behindRetries * 100)} % of the last minute a partition stood ` +
    'still behind a record that waits for its next attempt (processing.order: partition). Order key or ' +
    'none would let the others pass; or fix what makes records fail.'
  )
}

function isFallingBehind({ lag, consumeRate, produceRate }: ScalingObservation['group']): boolean {
  // If nothing is consumed, the cause is an outage or a hanging handler, not the size of the group.
  if (consumeRate === null || produceRate === null || consumeRate === 0) return false
  return produceRate > consumeRate * RATE_MARGIN && lag > produceRate * LAG_SECONDS
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en')
}

function rate(value: number | null): string {
  return value === null ? 'an unknown number' : count(value)
}
