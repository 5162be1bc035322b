import type {
  AssignedPartition,
  MemberControl,
  PartitionProblem,
  RecordBatch,
} from '../../broker/types.ts'
import type { TopicPartition } from '../../kernel/shapes/record.ts'
import type { InFlightWindow } from '../lane/in-flight-window.ts'
import { PartitionEnd } from '../lane/partition-end.ts'
import type { Progress } from '../lane/progress.ts'
import type { MemoryUser } from '../memory.ts'
import type { SharedParts } from '../shared-parts.ts'
import { Backpressure } from './backpressure.ts'
import { Supply } from './supply.ts'

export interface IntakeParts {
  readonly assigned: AssignedPartition
  readonly shared: SharedParts
  readonly control: MemberControl
  readonly progress: Progress
  readonly window: InFlightWindow
  /** There may be work. */
  wake(): void
}

/** The side of a lane that the member sees: accepts what it fetches, and limits how much. */
export class Intake implements MemoryUser, TopicPartition {
  readonly topic: string
  readonly partition: number
  readonly end: PartitionEnd
  readonly supply: Supply
  readonly backpressure: Backpressure
  readonly #parts: IntakeParts
  /** Why the member cannot fetch the partition. */
  #problem: PartitionProblem | null = null
  #isStopped = false

  constructor(parts: IntakeParts) {
    const { assigned, shared, control, progress, window } = parts
    const { memory, options } = shared
    const { meters, clock } = shared.parts
    this.topic = assigned.topic
    this.partition = assigned.partition
    this.#parts = parts
    const now = () => clock.now()
    this.end = new PartitionEnd(assigned.startOffset, now, () => {
      meters.process.caughtUp += 1
    })
    const supply = new Supply({
      lane: this,
      parts: shared.parts,
      control,
      progress,
      end: this.end,
      memory,
      changed: () => this.shareChanged(),
    })
    const holding = {
      get bytes() {
        return supply.bytes + window.bytes
      },
      get records() {
        return supply.length
      },
    }
    this.supply = supply
    this.backpressure = new Backpressure(this, holding, memory, options, control, meters.process)
    this.backpressure.hold(shared.holds.has(assigned))
    memory.join(this)
  }

  accept(batch: RecordBatch): void {
    if (this.#isStopped || !this.supply.accept(batch)) return
    this.backpressure.pauseIfFull()
    this.#parts.wake()
  }

  /** Consuming continues at `offset`; nothing in between will arrive. */
  moved(offset: number, metadata?: string): void {
    // A closing lane has rejected batches, so it must not claim offsets beyond them.
    if (!this.#isStopped) this.supply.moved(offset, metadata)
  }

  /** @param stableOffset where the first open transaction begins; null: not known. */
  setEndOffset(endOffset: number, stableOffset: number | null): void {
    this.end.told(endOffset, stableOffset)
  }

  set problem(problem: PartitionProblem | null) {
    this.#problem = problem
  }

  /** Why nothing can be fetched; null: no problem. */
  get problem(): PartitionProblem | null {
    return this.#problem ?? this.supply.gap
  }

  /** Bytes that may be fetched now. */
  get room(): number {
    return this.#isStopped ? 0 : this.backpressure.room
  }

  get usesMemory(): boolean {
    return this.supply.opened > 0 || this.#parts.window.bytes > 0
  }

  shareChanged(): void {
    // A stopped partition must not resume fetching.
    if (this.#isStopped) return
    this.backpressure.pauseIfFull()
    this.backpressure.resumeIfDrained()
  }

  memoryFreed(): void {
    this.#parts.wake()
  }

  /** An operator pauses or resumes the partition. */
  holdsChanged(): void {
    this.backpressure.hold(this.#parts.shared.holds.has(this))
    this.shareChanged()
  }

  /** Accepts nothing more. What is queued stays until `close`. */
  stop(): void {
    this.#isStopped = true
  }

  close(): void {
    this.#isStopped = true
    this.supply.clear()
    this.#parts.shared.memory.leave(this)
  }
}
