import type { AssignedPartition, MemberControl } from '../../broker/types.ts'
import type { Committer } from '../../commit/committer.ts'
import type { TopicPartition } from '../../kernel/shapes/record.ts'
import type { PartitionStatus } from '../../observe/types.ts'
import type { CircuitBreaker } from '../circuit/circuit-breaker.ts'
import { type CircuitLane, NOT_FAILED } from '../circuit/circuit-lane.ts'
import type { Intake } from '../intake/intake.ts'
import type { Runnable } from '../pump.ts'
import type { SharedParts } from '../shared-parts.ts'
import { Attempts } from './attempts.ts'
import { Dispatch } from './dispatch.ts'
import { HeldShare } from './held-share.ts'
import { InFlight } from './in-flight.ts'
import { LaneState } from './lane-state.ts'
import { laneStatus } from './lane-status.ts'
import type { Progress } from './progress.ts'

/**
 * One partition while a member owns it: what was fetched, what is in flight, and how far it got.
 * After `close` no pending answer counts: that is the fence between assignments.
 */
export class Lane implements CircuitLane, Runnable, TopicPartition {
  readonly topic: string
  readonly partition: number
  readonly handlers: readonly string[] | null
  readonly intake: Intake
  readonly progress: Progress
  readonly #shared: SharedParts
  readonly #state: LaneState
  readonly #attempts: Attempts
  readonly #inFlight: InFlight
  readonly #dispatch: Dispatch
  readonly #behindRetries = new HeldShare()
  /** The kind of circuit that stops it. */
  #stoppedBy: 'circuit' | 'decode' | null

  constructor(assigned: AssignedPartition, shared: SharedParts, control: MemberControl) {
    const state = new LaneState(assigned, shared, control, this, () => this.#wake())
    this.topic = assigned.topic
    this.partition = assigned.partition
    this.handlers = state.processor.handlers ?? null
    this.intake = state.intake
    this.progress = state.progress
    this.#shared = shared
    this.#state = state
    this.#attempts = new Attempts(state)
    this.#inFlight = new InFlight(state, this.#attempts)
    this.#dispatch = new Dispatch(state, this.#attempts, this.#inFlight)
    shared.circuits.add(this)
    this.#stoppedBy = shared.circuits.stop(this)
  }

  /** Set by the session. Told about progress. */
  set committer(committer: Committer) {
    this.#state.barrier.committer = committer
  }

  get isClosing(): boolean {
    return this.#state.isClosing
  }

  get runnable(): boolean {
    return this.#stoppedBy === null && this.#isOpen && this.#dispatch.hasWork
  }

  get hasHandled(): boolean {
    return this.#state.meter.handled > 0
  }

  get format(): string {
    return this.#state.processor.format ?? 'readable'
  }

  get hasDecoded(): boolean {
    const { handled, skipped, passedBy } = this.#state.meter
    return handled + skipped - passedBy > 0
  }

  retryUndecodable(): void {
    this.#attempts.retryUndecodable()
  }

  /** Ignores circuits, as a probe does. */
  get #isOpen(): boolean {
    const { intake, barrier, letters, isClosing } = this.#state
    return !intake.backpressure.isHeld && !barrier.holds && !isClosing && !letters.isFull
  }

  run(limit: number, until: number): void {
    const { limiter } = this.#shared
    let started = performance.now()
    const wallOffset = Date.now() - started
    for (let count = 0; count < limit; count++) {
      if (!this.runnable || !limiter.open) return
      started = this.#dispatch.next(started, wallOffset)
      if (started >= until) return
    }
  }

  #wake(): void {
    this.#dispatch.recheck()
    if (this.#stoppedBy !== null) this.#shared.circuits.probes.offered(this)
    else this.#shared.pump.wake(this)
  }

  probe(circuit: CircuitBreaker, mayOvertake: boolean): boolean {
    return this.#isOpen && this.#dispatch.probe(circuit, mayOvertake)
  }

  resetAttempts(circuit: CircuitBreaker, isOver: boolean): void {
    this.#attempts.resetAttempts(circuit, isOver)
  }

  circuitsChanged(): void {
    this.#stoppedBy = this.#shared.circuits.stop(this)
    this.#wake()
  }

  /** An operator pauses or resumes the partition. */
  holdsChanged(): void {
    this.intake.holdsChanged()
    this.#wake()
  }

  /** Takes no new record. Resolves when those in flight are finished, or after `stopWaiting`. */
  drain(): Promise<void> {
    this.#stop()
    this.#state.resolveIdle()
    return this.#state.idle
  }

  /** The deadline has passed: what is not finished is left to the next owner. */
  stopWaiting(): void {
    this.#state.stopWaiting()
  }

  close(): void {
    const { circuits } = this.#shared
    const { window } = this.#state
    circuits.remove(this)
    this.#state.abort()
    this.#stop()
    this.#inFlight.close()
    this.#dispatch.close()
    for (const entry of window.entries) {
      if (entry.probes !== null) circuits.probes.probed(entry.probes, entry, NOT_FAILED)
    }
    window.clear()
    this.intake.close()
    this.#state.stopWaiting()
  }

  #stop(): void {
    if (this.#state.isClosing) return
    this.#state.isClosing = true
    this.intake.stop()
    this.#dispatch.stop()
    this.#attempts.end()
  }

  /** Share of the last minute in which records waited behind a retry; only with order `partition`. */
  get behindRetries(): number {
    return this.#behindRetries.value
  }

  /** Called once a second: detaches old records and reports stuck ones. */
  tick(): void {
    const isBehind =
      this.#shared.options.order === 'partition' && this.#state.window.count('waiting') > 0
    this.#state.awaited.recheck()
    this.#behindRetries.look(isBehind && this.intake.supply.length > 0)
    this.intake.supply.detachOld()
    this.#state.window.detachOld()
    this.#inFlight.reportStuck()
  }

  status(member: string): PartitionStatus {
    const status = laneStatus(member, this.#state, this.#stoppedBy)
    return { ...status, behindRetries: this.behindRetries }
  }
}
