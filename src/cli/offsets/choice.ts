import type { PlanTarget } from '../../group/offsets/control.ts'
import { parsePartitions, type Selection } from '../../group/offsets/selection.ts'
import { parseTarget, TARGETS } from '../../group/offsets/target.ts'
import { listOf, usageError } from '../arguments.ts'
import { readPlan } from './files.ts'

export interface ChoiceFlags {
  readonly topic?: string
  readonly partition?: string
  readonly 'all-partitions'?: string
  readonly 'all-topics'?: string
}

/** The chosen partitions. Nothing is chosen by leaving flags out. @throws OCC_USAGE */
export function selectionOf(flags: ChoiceFlags): Selection {
  const { topic, partition } = flags
  const allTopics = flags['all-topics'] !== undefined
  const allPartitions = flags['all-partitions'] !== undefined
  if (topic === undefined && !allTopics) {
    throw usageError('no topic is chosen; give --topic T, or --all-topics')
  }
  if (topic !== undefined && allTopics) {
    throw usageError('--topic and --all-topics exclude each other; give one')
  }
  if (allTopics) {
    if (partition !== undefined) throw usageError('--partition belongs to --topic')
    return { topics: null, partitions: null }
  }
  const topics = listOf(topic ?? '').filter((name) => name !== '')
  if (topics.length === 0) throw usageError('--topic is empty; give the name of a topic')
  if ((partition === undefined) === !allPartitions) {
    throw usageError(
      partition === undefined
        ? 'no partition is chosen; give --partition 0,3-5, or --all-partitions'
        : '--partition and --all-partitions exclude each other; give one',
    )
  }
  return { topics, partitions: partition === undefined ? null : partitionsOf(partition) }
}

/** As `selectionOf`; a plan file chooses what it names, if no flag does. */
export function selectionWith(flags: ChoiceFlags, target: PlanTarget): Selection {
  const isOpen = flags.topic === undefined && flags['all-topics'] === undefined
  if (target.kind !== 'offsets' || !isOpen) return selectionOf(flags)
  if (flags.partition !== undefined) throw usageError('--partition belongs to --topic')
  return { topics: null, partitions: null }
}

/** @throws OCC_USAGE, OCC_OFFSETS_FILE */
export function targetOf(text: string | undefined, now: number): PlanTarget {
  if (text === undefined) throw usageError(`--to is missing; give ${TARGETS}`)
  const target = parseTarget(text, now)
  if (typeof target === 'string') throw usageError(`--to: ${target}`)
  return target.kind === 'file' ? fileTarget(target.path) : target
}

export function fileTarget(path: string): PlanTarget {
  return { kind: 'offsets', of: path, offsets: readPlan(path).partitions }
}

function partitionsOf(text: string): readonly number[] {
  const partitions = parsePartitions(text)
  if (typeof partitions === 'string') throw usageError(`--partition: ${partitions}`)
  return partitions
}
