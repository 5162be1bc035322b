import type { TopicPartition } from '../../kernel/shapes/record.ts'

/** Which partitions an operator chose. Nothing is chosen by leaving something out. */
export interface Selection {
  /** null: all that the group has offsets of (`--all-topics`), or that a file names. */
  readonly topics: readonly string[] | null
  /** null: all partitions (`--all-partitions`). */
  readonly partitions: readonly number[] | null
}

/** Partitions of a topic at most; a longer list is a mistake. */
const MAX_PARTITIONS = 100_000

/** `0,3-5` as numbers; a text says what is wrong. */
export function parsePartitions(text: string): readonly number[] | string {
  const numbers = new Set<number>()
  for (const part of text.split(',')) {
    const [, first, last = first] = /^\s*(\d{1,6})(?:-(\d{1,6}))?\s*$/.exec(part) ?? []
    if (first === undefined)
      return `${text} is not understood; give numbers and ranges, as in 0,3-5`
    if (Number(last) < Number(first))
      return `${part.trim()} ends before it begins; write it as ${last}-${first}`
    if (Number(last) >= MAX_PARTITIONS) return `${part.trim()} is above ${MAX_PARTITIONS - 1}`
    for (let number = Number(first); number <= Number(last); number++) numbers.add(number)
  }
  return [...numbers].sort((a, b) => a - b)
}

/** What is wrong with the choice; null: nothing. */
export function selectionProblem(
  { topics, partitions }: Selection,
  known: readonly TopicPartition[],
): string | null {
  if (topics?.length === 0) return 'no topic is chosen'
  if (partitions === null) return null
  for (const topic of topics ?? []) {
    const own = known.filter((each) => each.topic === topic).map(({ partition }) => partition)
    const missing = partitions.find((partition) => !own.includes(partition))
    if (missing !== undefined) {
      return `the topic "${topic}" has no partition ${missing}: it has ${own.length}, from 0 to ${own.length - 1}`
    }
  }
  return null
}

export function isSelected({ topics, partitions }: Selection, each: TopicPartition): boolean {
  const isOfTopics = topics === null || topics.includes(each.topic)
  return isOfTopics && (partitions === null || partitions.includes(each.partition))
}
