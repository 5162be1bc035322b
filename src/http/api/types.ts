import type { OffsetsControl, PlanTarget } from '../../group/offsets/control.ts'
import type { MoveAnswer, MoveOrder } from '../../group/offsets/types.ts'

/** What the API can do to the offsets of the groups of this process. */
export interface OffsetsApi {
  /** The group of the service first. */
  readonly groups: readonly string[]
  /** The control of one of these groups, for as long as the work takes. */
  withControl<T>(group: string, work: (control: OffsetsControl) => Promise<T>): Promise<T>
  /** A text says what is wrong with the target. */
  target(text: string): PlanTarget | string
  /** Sets offsets of partitions that this process has. Never rejects. */
  move(order: MoveOrder): Promise<readonly MoveAnswer[]>
}
