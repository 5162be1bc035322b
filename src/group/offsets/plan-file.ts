import { messageOf } from '../../kernel/errors.ts'
import type { TopicPartition } from '../../kernel/shapes/record.ts'

/** Offsets of a group as a file: an export, a plan to apply later, or the undo of one. */
export interface PlanFile {
  readonly group: string
  /** ISO 8601, UTC: when it was made. */
  readonly at: string
  readonly partitions: readonly FiledOffset[]
}

export interface FiledOffset extends TopicPartition {
  readonly offset: number
  /** The change by an operator that must still be the last one: absent: it does not matter. */
  readonly move?: string | null
}

/** The largest file that is read, in bytes: a group with 100,000 partitions. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024

export function writePlanFile(file: PlanFile): string {
  const { group, at, partitions } = file
  const lines = partitions.map((each) => `    ${JSON.stringify(each)}`)
  return `{\n  "version": 1,\n  "group": ${JSON.stringify(group)},\n  "at": ${JSON.stringify(at)},\n  "partitions": [\n${lines.join(',\n')}\n  ]\n}\n`
}

/** Reads the text of a file; a text says what is wrong with it. */
export function readPlanFile(text: string): PlanFile | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return text.trim() === '' ? 'it is empty' : `it is not JSON${placeIn(messageOf(error))}`
  }
  if (!isObject(value) || value['version'] !== 1) return 'it is not a plan file of version 1'
  const { group, at, partitions } = value
  if (typeof group !== 'string') return '"group" must be a text'
  if (!Array.isArray(partitions)) return '"partitions" must be a list'
  const filed: FiledOffset[] = []
  const seen = new Set<string>()
  for (const [index, each] of partitions.entries()) {
    const entry = entryOf(each)
    if (typeof entry === 'string') return `"partitions" ${index}: ${entry}`
    const name = `${entry.topic}/${entry.partition}`
    if (seen.has(name)) return `"partitions" ${index}: ${name} is in it twice`
    seen.add(name)
    filed.push(entry)
  }
  return { group, at: typeof at === 'string' ? at : '', partitions: filed }
}

/** Of the parser's message only where: it quotes the file, line breaks included. */
function placeIn(message: string): string {
  if (message.startsWith('Unexpected end')) return ': it ends too early'
  const place = / at position (\d+)/.exec(message)?.[1]
  return place === undefined ? '' : `: see character ${place}`
}

function entryOf(value: unknown): FiledOffset | string {
  if (!isObject(value)) return 'it must be an object'
  const { topic, partition, offset, move } = value
  if (typeof topic !== 'string' || topic === '') return '"topic" must be a text'
  if (!isCount(partition)) return '"partition" must be an integer from 0'
  if (!isCount(offset)) return '"offset" must be an integer from 0'
  if (move === undefined) return { topic, partition, offset }
  if (move !== null && typeof move !== 'string') return '"move" must be a text or null'
  return { topic, partition, offset, move }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
