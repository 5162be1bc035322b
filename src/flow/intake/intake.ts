import type {
  AssignedPartition,
  MemberControl,
  PartitionProblem,
  RecordBatch,
} from '../../broker/types.ts'
import type { TopicPartition } from '../../kernel/record.ts'
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
  /** There may be something to do. */
  wake(): void
}

/** What the member brings of one partition, and how much of it: the side of a lane that it sees. */
export class Intake implements MemoryUser, TopicPartition {
  readonly topic: string
  readonly partition: number
  readonly end: PartitionEnd
  readonly supply: Supply
  readonly backpressure: Backpressure
  readonly #parts: IntakeParts
  /** What keeps the partition from being fetched, as the member says. */
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

  /** Consuming goes on at `offset`: nothing in between will come. */
  moved(offset: number, metadata?: string): void {
    // A closing lane has turned batches away: it must not claim what lies beyond them.
    if (!this.#isStopped) this.supply.moved(offset, metadata)
  }

  /** @param stableOffset where the first open transaction begins; null: not known. */
  setEndOffset(endOffset: number, stableOffset: number | null): void {
    this.end.told(endOffset, stableOffset)
  }

  set problem(problem: PartitionProblem | null) {
    this.#problem = problem
  }

  /** Why nothing can be fetched; null: it can be. */
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
    // What is left of it is not to be fetched again.
    if (this.#isStopped) return
    this.backpressure.pauseIfFull()
    this.backpressure.resumeIfDrained()
  }

  memoryFreed(): void {
    this.#parts.wake()
  }

  /** An operator holds the partition, or lets it go. */
  holdsChanged(): void {
    this.backpressure.hold(this.#parts.shared.holds.has(this))
    this.shareChanged()
  }

  /** Takes nothing more; what is here stays until `close`. */
  stop(): void {
    this.#isStopped = true
  }

  close(): void {
    this.#isStopped = true
    this.supply.clear()
    this.#parts.shared.memory.leave(this)
  }
}
