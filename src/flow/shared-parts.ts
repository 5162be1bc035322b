import type { Admission } from './admission.ts'
import type { Circuits } from './circuits.ts'
import type { Holds } from './holds.ts'
import type { Lane } from './lane.ts'
import type { Memory } from './memory.ts'
import type { Repeats } from './repeats.ts'
import type { FlowOptions, FlowParts } from './types.ts'

/** What the lanes of all members of the process share. */
export interface SharedParts {
  readonly options: FlowOptions
  readonly parts: FlowParts
  readonly admission: Admission
  readonly circuits: Circuits
  readonly holds: Holds
  readonly memory: Memory
  /** What the log says of dead letters. */
  readonly letterLines: Repeats
  /** The lane may have something to do. */
  wake(lane: Lane): void
}
