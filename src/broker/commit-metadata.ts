/**
 * What is written beside each committed offset (Kafka gives a string for it, 4 KiB by default).
 *
 * `partitions` is the number of partitions the topic had when this partition first got an offset
 * in this group, and is carried along unchanged. So a partition without a committed offset can be
 * told apart: number >= the smallest `partitions` of its topic means that it was added later, and
 * must be read from its first record whatever `auto.offset.reset` says.
 */
export interface CommitMetadata {
  readonly partitions: number | null
}

export function encodeMetadata({ partitions }: CommitMetadata): string {
  return partitions === null ? '' : JSON.stringify({ v: 1, partitions })
}

/** Never throws: the offset may have been committed by other software, with a text of its own. */
export function decodeMetadata(text: string | null | undefined): CommitMetadata {
  try {
    const value: unknown = JSON.parse(text || 'null')
    if (typeof value === 'object' && value !== null && 'partitions' in value) {
      const { partitions } = value
      if (typeof partitions === 'number' && partitions > 0) return { partitions }
    }
  } catch {
    // Not ours.
  }
  return { partitions: null }
}
