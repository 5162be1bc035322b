import { OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'
import type { Fetching } from '../fetch/fetching.ts'
import type { Membership } from '../group/membership.ts'
import type { OffsetToCommit } from '../types.ts'
import type { Commits } from './commits.ts'
import type { OffsetClaims } from './offset-claims.ts'
import { Returning } from './returning.ts'
import type { Starting } from './starting.ts'

export interface AnewParts {
  /** Name of the member. */
  readonly member: string
  readonly membership: Membership
  readonly fetching: Fetching
  readonly starting: Starting
  readonly commits: Commits
  /** A store of offsets beside Kafka, which is told first; null: there is none. */
  readonly claims: Pick<OffsetClaims, 'move'> | null
  readonly log: Log
  /** Ends the partition without a commit. */
  lose(partition: TopicPartition): void
}

/**
 * Until a partition that somebody else has claimed is claimed again, because the group says that it
 * is ours: the other one finds out meanwhile. Milliseconds.
 */
const FENCED_PAUSE = 1_000

/** Partitions that stop and begin anew, while the member owns them all the time. */
export class Anew {
  readonly #parts: AnewParts
  readonly #returning = new Returning()

  constructor(parts: AnewParts) {
    this.#parts = parts
  }

  /** They are not ours any more: they do not begin anew. */
  takenAway(partitions: readonly TopicPartition[]): void {
    this.#returning.takenAway(partitions)
  }

  /**
   * As `MemberControl.move`. One commit decides, that of the store if there is one: whatever became
   * of it, the partition continues at what the store or the broker has.
   */
  async move(offset: OffsetToCommit): Promise<void> {
    const { membership, fetching, starting, commits, claims } = this.#parts
    const { topic, partition } = offset
    const name = partitionName(offset)
    // While it is revoked it is still owned, but no longer fetched.
    if (!membership.owns(offset) || !fetching.has(offset)) throw wasTaken(name)
    const mayBegin = this.#returning.leave(offset)
    fetching.remove([offset])
    let isOurs = false
    try {
      await claims?.move(offset)
      await commits.commit([offset])
    } finally {
      isOurs = mayBegin()
      if (isOurs) starting.add([{ topic, partition }])
    }
    if (!isOurs) throw wasTaken(name)
  }

  /** Another process has claimed the partition in the store of offsets. */
  fenced(partition: TopicPartition): void {
    const { member, membership, starting, log, lose } = this.#parts
    if (!membership.owns(partition)) return
    const name = partitionName(partition)
    log.warn(
      { event: 'offsets.fenced', member, partitions: [name] },
      `Another process has claimed ${name} in the table of offsets. What was in flight is given up, and nothing of it was written; the partition is claimed again if it stays with this member.`,
    )
    lose(partition)
    const mayBegin = this.#returning.leave(partition)
    setTimeout(() => {
      if (mayBegin()) starting.add([partition])
    }, FENCED_PAUSE).unref()
  }
}

function wasTaken(name: string): OccError {
  return new OccError(
    'OCC_COMMIT_FENCED',
    `${name} went to another member of the group while its offset was to be set.`,
  )
}
