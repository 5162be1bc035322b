import type { Clock } from '../../kernel/time/clock.ts'
import { code, heartbeatApi } from '../protocol/index.ts'
import type { MemberOptions } from '../types.ts'
import type { Coordinator } from './coordinator.ts'

/** Pause before the next heartbeat after one that failed, in milliseconds. */
const RETRY_PAUSE = 200
/**
 * After a round another one is likely. Heartbeats are this frequent, for this long, to notice it.
 * Milliseconds.
 */
const HURRIED_PAUSE = 150
const HURRY = 2_000

export interface HeartbeatEvents {
  /** The member to send for. No heartbeat is sent while there is no member id. */
  identity(): { readonly memberId: string; readonly generation: number }
  turn(): void
  /** The broker refused a heartbeat of this generation. */
  refused(error: number, generation: number): void
  /** The coordinator has not answered for the session timeout, by our own clock. */
  expired(reason: string): void
}

/**
 * Sends heartbeats on a timer and a connection of their own: slow handlers, fetches and joins do
 * not delay them. During a join they only show that the coordinator is alive; without them a
 * hanging coordinator would be waited for as long as a slow member.
 */
export class Heartbeats {
  readonly #options: MemberOptions
  readonly #coordinator: Coordinator
  readonly #clock: Clock
  readonly #events: HeartbeatEvents
  #timer: NodeJS.Timeout | undefined
  /** When the next tick is due, in monotonic milliseconds. */
  #dueAt = 0
  #isUnderWay = false
  /** Monotonic milliseconds. */
  #hurriesUntil = Number.NEGATIVE_INFINITY
  #isStopped = false

  constructor(
    options: MemberOptions,
    coordinator: Coordinator,
    clock: Clock,
    events: HeartbeatEvents,
  ) {
    this.#options = options
    this.#coordinator = coordinator
    this.#clock = clock
    this.#events = events
  }

  start(): void {
    this.#schedule(this.#options.heartbeatInterval)
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  /**
   * Sends frequent heartbeats for a while. A partition that a cooperative round takes from one
   * member reaches its new owner in the next round. A member that gives nothing up learns of that
   * round from a heartbeat, and until then the partition stands still.
   */
  hurry(): void {
    this.#hurriesUntil = this.#clock.monotonic() + HURRY
    this.#schedule(Math.min(HURRIED_PAUSE, this.#options.heartbeatInterval))
  }

  #schedule(pause: number): void {
    if (this.#isStopped) return
    clearTimeout(this.#timer)
    this.#dueAt = this.#clock.monotonic() + pause
    this.#timer = setTimeout(() => this.#tick(), pause)
  }

  #tick(): void {
    const { heartbeatInterval, sessionTimeout } = this.#options
    const now = this.#clock.monotonic()
    const late = now - this.#dueAt
    const hurries = now < this.#hurriesUntil
    this.#schedule(hurries ? Math.min(HURRIED_PAUSE, heartbeatInterval) : heartbeatInterval)
    this.#events.turn()
    const silence = now - this.#coordinator.heardAt
    if (silence > sessionTimeout) this.#events.expired(whySilent(late, silence))
    if (!this.#isUnderWay && this.#events.identity().memberId !== '') void this.#send()
  }

  async #send(): Promise<void> {
    const { groupId, groupInstanceId, sessionTimeout } = this.#options
    const { memberId, generation } = this.#events.identity()
    this.#isUnderWay = true
    try {
      const { error } = await this.#coordinator.send(
        heartbeatApi,
        { groupId, groupInstanceId, memberId, generation },
        'group',
        Math.max(1_000, sessionTimeout / 3),
      )
      if (this.#isStopped) return
      if (this.#coordinator.hasMoved(error)) this.#schedule(RETRY_PAUSE)
      else if (error !== code.NONE) this.#events.refused(error, generation)
    } catch {
      // The next heartbeat looks for the coordinator again; only the silence is measured.
      this.#schedule(Math.min(RETRY_PAUSE, this.#options.heartbeatInterval))
    } finally {
      this.#isUnderWay = false
    }
  }
}

/** @param late milliseconds by which the timer was late: then it was not the brokers */
function whySilent(late: number, silence: number): string {
  if (late < silence / 2) return 'no broker has answered for the whole session timeout'
  return (
    `this process stood still for ${Math.round(late / 1000)} s, longer than kafka.sessionTimeout allows: ` +
    'it was frozen or had no CPU, or a handler blocked its event loop'
  )
}
