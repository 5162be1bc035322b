import type { Repeats } from '../kernel/time/repeats.ts'
import type { CircuitBreakers } from './circuit/circuit-breakers.ts'
import type { ConcurrencyLimiter } from './concurrency-limiter.ts'
import type { Holds } from './holds.ts'
import type { Memory } from './memory.ts'
import type { Pump } from './pump.ts'
import type { FlowOptions, FlowParts } from './types.ts'

/** Shared by the lanes of all members of the process. */
export interface SharedParts {
  readonly options: FlowOptions
  readonly parts: FlowParts
  readonly limiter: ConcurrencyLimiter
  readonly circuits: CircuitBreakers
  readonly holds: Holds
  readonly memory: Memory
  /** Limits log lines about dead letters. */
  readonly deadLetterRepeats: Repeats
  readonly pump: Pump
}
