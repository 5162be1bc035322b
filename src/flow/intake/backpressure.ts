import type { MemberControl } from '../../broker/types.ts'
import type { TopicPartition } from '../../kernel/shapes/record.ts'
import type { ProcessMeter } from '../../observe/types.ts'
import type { Memory } from '../memory.ts'
import type { FlowOptions } from '../types.ts'

/** What one partition holds. */
export interface Holding {
  /** Bytes fetched, plus bytes taken but not finished. */
  readonly bytes: number
  /** Records fetched and not taken. */
  readonly records: number
}

/** Pauses fetching of one partition while it holds enough, or while an operator has paused it. */
export class Backpressure {
  readonly #partition: TopicPartition
  readonly #holding: Holding
  readonly #memory: Memory
  readonly #options: FlowOptions
  readonly #control: Pick<MemberControl, 'pause' | 'resume'>
  readonly #meter: ProcessMeter
  #isPaused = false
  #isHeld = false

  constructor(
    partition: TopicPartition,
    holding: Holding,
    memory: Memory,
    options: FlowOptions,
    control: Pick<MemberControl, 'pause' | 'resume'>,
    meter: ProcessMeter,
  ) {
    this.#partition = partition
    this.#holding = holding
    this.#memory = memory
    this.#options = options
    this.#control = control
    this.#meter = meter
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Paused by an operator. */
  get isHeld(): boolean {
    return this.#isHeld
  }

  /** Bytes that may be fetched now. Never 0 unless something will resume the partition. */
  get room(): number {
    if (this.#isPaused || this.#isHeld) return 0
    return Math.max(0, this.#memory.share - this.#holding.bytes)
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld
  }

  /** Called when it holds more, may hold less, or an operator pauses it. */
  pauseIfFull(): void {
    if (this.#isPaused || !(this.#isHeld || this.#isFull)) return
    this.#isPaused = true
    this.#meter.pauses += 1
    this.#control.pause(this.#partition)
  }

  /** Called when it holds less, may hold more, or an operator resumes it. */
  resumeIfDrained(): void {
    if (!this.#isPaused || this.#isHeld || !this.#isDrained) return
    this.#isPaused = false
    this.#control.resume(this.#partition)
  }

  get #isFull(): boolean {
    const { bytes, records } = this.#holding
    return bytes >= this.#memory.share || records > this.#options.maxRecordsPerPartition
  }

  get #isDrained(): boolean {
    const { bytes, records } = this.#holding
    return bytes * 2 <= this.#memory.share && records * 2 <= this.#options.maxRecordsPerPartition
  }
}
