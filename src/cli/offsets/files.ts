import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import {
  MAX_FILE_BYTES,
  type PlanFile,
  readPlanFile,
  writePlanFile,
} from '../../group/offsets/plan-file.ts'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import type { TopicPartition } from '../../kernel/shapes/record.ts'
import { systemClock } from '../../kernel/time/clock.ts'

const WHICH = 'Name a file that offsets export wrote, or the undo of a change'
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: `there is no such file. ${WHICH}`,
  EISDIR: `it is a folder. ${WHICH}`,
}

/** @throws OccError OCC_OFFSETS_FILE */
export function readPlan(path: string): PlanFile {
  let text: string
  try {
    const { size } = statSync(path)
    if (size > MAX_FILE_BYTES) throw unusable(path, `it has ${size} bytes`)
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof OccError) throw error
    throw unusable(path, REASONS[codeOf(error)] ?? messageOf(error), error)
  }
  const plan = readPlanFile(text)
  if (typeof plan === 'string') throw unusable(path, `${plan}. ${WHICH}`)
  return plan
}

/** Never overwrites a file. @throws OccError OCC_OFFSETS_FILE */
export function writePlan(path: string, plan: PlanFile): void {
  try {
    writeFileSync(path, writePlanFile(plan), { flag: 'wx' })
  } catch (error) {
    const exists = codeOf(error) === 'EEXIST'
    throw unusable(path, exists ? 'it exists; name another file' : messageOf(error), error)
  }
}

/**
 * The file of an undo, written before anything is changed: without it nothing could be undone, and
 * the answer of the change may be lost. What is returned puts the exact undo in its place, or removes
 * the file if there is nothing to undo (false).
 * @param planned the offsets that the plan was made for
 * @throws OccError OCC_OFFSETS_FILE
 */
export function reserveUndo(path: string, planned: PlanFile): (undo: PlanFile) => boolean {
  writePlan(path, planned)
  return (undo) => {
    if (undo.partitions.length === 0) rmSync(path)
    else writeFileSync(path, writePlanFile(undo))
    return undo.partitions.length > 0
  }
}

/** The partitions of a plan file that puts them back where they are; without those that are nowhere. */
export function committedOf(
  partitions: ReadonlyArray<TopicPartition & { readonly committed: number | null }>,
): PlanFile['partitions'] {
  return partitions.flatMap(({ topic, partition, committed }) =>
    committed === null ? [] : { topic, partition, offset: committed },
  )
}

/** As in a plan file. */
export function nowText(): string {
  return new Date(systemClock.now()).toISOString()
}

/** A name that sorts by time. */
export function undoFile(group: string, at: string): string {
  const safe = group.replace(/[^\w.-]+/g, '_').slice(0, 80)
  return `offsets-undo-${safe}-${at.replace(/[:.]/g, '-')}.json`
}

function unusable(path: string, why: string, cause?: unknown): OccError {
  return new OccError('OCC_OFFSETS_FILE', `The plan file ${path} cannot be used: ${why}.`, {
    cause,
  })
}
