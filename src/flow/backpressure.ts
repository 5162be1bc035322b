import type { TopicPartition } from '../kernel/record.ts'
import type { ProcessMeter } from '../observe/types.ts'
import type { RecordQueue } from './record-queue.ts'
import type { FetchControl, FlowOptions } from './types.ts'

/** Pauses the fetching of one partition while its queue is full, or an operator holds it. */
export class Backpressure {
  readonly #partition: TopicPartition
  readonly #queue: RecordQueue
  readonly #options: FlowOptions
  readonly #control: FetchControl
  readonly #meter: ProcessMeter
  #isPaused = false
  #isHeld = false

  constructor(
    partition: TopicPartition,
    queue: RecordQueue,
    options: FlowOptions,
    control: FetchControl,
    meter: ProcessMeter,
  ) {
    this.#partition = partition
    this.#queue = queue
    this.#options = options
    this.#control = control
    this.#meter = meter
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** By an operator. */
  get isHeld(): boolean {
    return this.#isHeld
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld
  }

  /** The queue grew, or an operator wants the partition held. */
  pauseIfFull(): void {
    if (this.#isPaused || !(this.#isHeld || this.#isFull)) return
    this.#isPaused = true
    this.#meter.pauses += 1
    this.#control.pause(this.#partition)
  }

  /** The queue shrank, or an operator lets the partition go. */
  resumeIfDrained(): void {
    if (!this.#isPaused || this.#isHeld || !this.#isDrained) return
    this.#isPaused = false
    this.#control.resume(this.#partition)
  }

  get #isFull(): boolean {
    const { maxBytesPerPartition, maxRecordsPerPartition } = this.#options
    return this.#queue.bytes > maxBytesPerPartition || this.#queue.length > maxRecordsPerPartition
  }

  get #isDrained(): boolean {
    const { maxBytesPerPartition, maxRecordsPerPartition } = this.#options
    return (
      this.#queue.bytes * 2 <= maxBytesPerPartition &&
      this.#queue.length * 2 <= maxRecordsPerPartition
    )
  }
}
