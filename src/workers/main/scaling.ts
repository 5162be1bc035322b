export interface WorkerLimits {
  /** Begins in the main thread and adapts to the measurements. */
  readonly auto: boolean
  readonly min: number
  readonly max: number
}

/** Measurements of the last second. Shares are of the time, 0 to 1. */
export interface Sample {
  /** Share that the main thread's event loop was busy. */
  readonly loop: number
  /** Share that it spent on decoding and handling. */
  readonly handling: number
  /** Mean share that the workers were busy. */
  readonly utilization: number
  /** Batches that no worker has room for. */
  readonly waiting: number
  /** Records handled. */
  readonly records: number
}

export interface Scale {
  readonly inWorkers: boolean
  readonly workers: number
}

export interface Change extends Scale {
  /** For people. */
  readonly reason: string
}

/** Seconds that a condition must last: scaling up is quick, scaling down is slow. */
const UP_AFTER = 3
const DOWN_AFTER = 30
/** Seconds in workers before the rate is compared, and seconds of comparison. */
const WARM_UP = 5
const TRIAL = 5
/** Minimum gain that is worth the memory. */
const MIN_GAIN = 1.05
/** Seconds before the next trial; doubled with each trial that does not pay. */
const FIRST_REST = 300
const MAX_REST = 7_200

/**
 * Decides once a second where records are handled and by how many workers. Pure: tests need no
 * clock. null: no change.
 */
export class WorkerScaling {
  readonly #options: WorkerLimits
  #scale: Scale
  /** Seconds that the condition for a change has lasted. */
  #hot = 0
  #idle = 0
  #calm = 0
  /** Records per second in the main thread when it was saturated. */
  #rateBefore = 0
  #trial: number[] | null = null
  #sinceMove = 0
  #rest = 0
  #nextRest = FIRST_REST

  constructor(options: WorkerLimits) {
    this.#options = options
    this.#scale = { inWorkers: !options.auto, workers: options.auto ? 0 : options.min }
  }

  get scale(): Scale {
    return this.#scale
  }

  look(sample: Sample): Change | null {
    this.#sinceMove += 1
    const change = this.#scale.inWorkers ? this.#lookInWorkers(sample) : this.#lookInMain(sample)
    if (change === null) return null
    if (change.inWorkers !== this.#scale.inWorkers) this.#sinceMove = 0
    this.#hot = 0
    this.#idle = 0
    this.#calm = 0
    this.#scale = { inWorkers: change.inWorkers, workers: change.workers }
    return change
  }

  #lookInMain({ loop, handling, records }: Sample): Change | null {
    if (this.#rest > 0) this.#rest -= 1
    const isFull = loop > 0.8 && handling > 0.4
    this.#hot = isFull ? this.#hot + 1 : 0
    if (isFull) this.#rateBefore += (records - this.#rateBefore) / Math.min(this.#hot, UP_AFTER)
    const { min, max } = this.#options
    if (this.#hot < UP_AFTER || this.#rest > 0 || max === 0) return null
    this.#trial = []
    const reason = `the main thread is ${percent(loop)} busy, ${percent(handling)} with handling`
    return { inWorkers: true, workers: Math.min(Math.max(1, min), max), reason }
  }

  #lookInWorkers(sample: Sample): Change | null {
    return this.#compare(sample) ?? this.#grow(sample) ?? this.#shrink(sample)
  }

  /** Compares the rates in the first seconds with as much load as before. */
  #compare({ loop, utilization, waiting, records }: Sample): Change | null {
    const isFull = utilization > 0.8 || waiting > 0 || loop > 0.8
    if (this.#trial === null || this.#sinceMove <= WARM_UP || !isFull) return null
    if (this.#trial.push(records) < TRIAL || this.#scale.workers < this.#options.max) return null
    const recent = this.#trial.slice(-TRIAL)
    const rate = recent.reduce((sum, one) => sum + one, 0) / TRIAL
    this.#trial = null
    if (rate >= this.#rateBefore * MIN_GAIN) {
      this.#nextRest = FIRST_REST
      return null
    }
    this.#rest = this.#nextRest
    this.#nextRest = Math.min(this.#nextRest * 2, MAX_REST)
    const reason = `workers handle ${Math.round(rate)} records a second, the main thread ${Math.round(this.#rateBefore)}`
    return { inWorkers: false, workers: 0, reason }
  }

  #grow({ utilization, waiting }: Sample): Change | null {
    const { inWorkers, workers } = this.#scale
    this.#hot = utilization > 0.8 && waiting > 0 ? this.#hot + 1 : 0
    if (this.#hot < UP_AFTER || workers >= this.#options.max) return null
    const reason = `workers are ${percent(utilization)} busy, and ${waiting} batches wait`
    return { inWorkers, workers: workers + 1, reason }
  }

  #shrink({ loop, utilization }: Sample): Change | null {
    const { auto, min } = this.#options
    const { workers } = this.#scale
    const work = utilization * workers
    this.#idle = work < 0.5 * (workers - 1) ? this.#idle + 1 : 0
    this.#calm = work + loop < 0.4 ? this.#calm + 1 : 0
    const reason = `workers are ${percent(utilization)} busy`
    if (auto && this.#calm >= DOWN_AFTER) return { inWorkers: false, workers: 0, reason }
    if (this.#idle < DOWN_AFTER || workers <= Math.max(1, min)) return null
    return { inWorkers: true, workers: workers - 1, reason }
  }
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
