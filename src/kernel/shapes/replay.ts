/**
 * Records of one partition that are handled once more, because an operator set its offset back:
 * those of [from, to). They were finished before.
 */
export interface Replay {
  readonly from: number
  readonly to: number
  /** Duplicates are left out of it, as they are elsewhere. */
  readonly deduplicates: boolean
}

/** What operators did to an offset; kept beside it. */
export interface OperatorMove {
  /** Id of the last change. null: no operator has set the offset. */
  readonly move: string | null
  /** null: there is none, or it is over. */
  readonly replay: Replay | null
  /** From here on records were passed by unhandled; null: none were, or they are handled now. */
  readonly skippedFrom: number | null
}

export const NOT_MOVED: OperatorMove = Object.freeze({
  move: null,
  replay: null,
  skippedFrom: null,
})

/** What is left of a replay once the partition got to `offset`. */
export function replayAt(replay: Replay | null, offset: number): Replay | null {
  return replay !== null && offset < replay.to ? replay : null
}

/**
 * What to keep beside the new offset of a partition.
 * @param handled below it every record was handled. @param move id of the change
 */
export function movedTo(
  offset: number,
  { handled, skippedFrom }: { readonly handled: number; readonly skippedFrom: number | null },
  move: string,
  deduplicates: boolean,
): OperatorMove {
  // Records that were passed by are handled for the first time, so they are no replay.
  const to = Math.min(handled, skippedFrom ?? handled)
  const replay = offset < to ? { from: offset, to, deduplicates } : null
  if (skippedFrom !== null && offset > skippedFrom) return { move, replay, skippedFrom }
  return { move, replay, skippedFrom: offset > handled ? handled : null }
}
