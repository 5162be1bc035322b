import type { Clock } from '../../kernel/clock.ts'
import { code, heartbeatApi } from '../protocol/index.ts'
import type { MemberOptions } from '../types.ts'
import type { Coordinator } from './coordinator.ts'

/** Soonest after a heartbeat that failed, in milliseconds. */
const RETRY_PAUSE = 200
/** After a round another one is likely: it is noticed this soon, for this long. Milliseconds. */
const HURRIED_PAUSE = 150
const HURRY = 2_000

export interface HeartbeatEvents {
  /** Whom to send for. No heartbeat goes out while there is no member id. */
  identity(): { readonly memberId: string; readonly generation: number }
  turn(): void
  /** The broker refused a heartbeat of that generation. */
  refused(error: number, generation: number): void
  /** Nothing was heard from the coordinator for the session timeout, by our own clock. */
  expired(): void
}

/**
 * Heartbeats by a timer of their own, on a connection that nothing waits on: slow handlers, fetches
 * and joins do not delay them. During a join their answers only tell that the coordinator lives:
 * a coordinator that is frozen would else be waited for as long as a slow member may take.
 */
export class Heartbeats {
  readonly #options: MemberOptions
  readonly #coordinator: Coordinator
  readonly #clock: Clock
  readonly #events: HeartbeatEvents
  #timer: NodeJS.Timeout | undefined
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
   * What a cooperative round takes from one member comes to the other with the next round, which
   * begins as soon as it is given up. Who has nothing to give up learns of that by a heartbeat, and
   * until then what moves stands still.
   */
  hurry(): void {
    this.#hurriesUntil = this.#clock.monotonic() + HURRY
    this.#schedule(Math.min(HURRIED_PAUSE, this.#options.heartbeatInterval))
  }

  #schedule(pause: number): void {
    if (this.#isStopped) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#tick(), pause)
  }

  #tick(): void {
    const { heartbeatInterval } = this.#options
    const hurries = this.#clock.monotonic() < this.#hurriesUntil
    this.#schedule(hurries ? Math.min(HURRIED_PAUSE, heartbeatInterval) : heartbeatInterval)
    this.#events.turn()
    const silence = this.#clock.monotonic() - this.#coordinator.heardAt
    if (silence > this.#options.sessionTimeout) this.#events.expired()
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
      // The coordinator is looked for again with the next one; silence is what counts.
      this.#schedule(Math.min(RETRY_PAUSE, this.#options.heartbeatInterval))
    } finally {
      this.#isUnderWay = false
    }
  }
}
