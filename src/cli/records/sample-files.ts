import { readFile, stat } from 'node:fs/promises'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import { type KafkaRecord, recordName } from '../../kernel/shapes/record.ts'
import { lineToRecord } from './record-line.ts'

/** Maximum bytes of a file that a command reads whole. */
const MAX_FILE_BYTES = 256 * 1024 * 1024

export interface SampleOptions {
  /** The topic of plain values. */
  readonly topic: string
  /** Maximum records; the rest is not read. */
  readonly count: number
}

/**
 * The records of sample files. A file is one message value if its name ends in `.json`; else each
 * line is a record of `recordToLine` or, with any other content, the value of a message. Values get
 * the topic of the options, partition 0 and their place among the samples as offset. Throws
 * OCC_SAMPLE that names file, line and remedy.
 */
export async function readSamples(
  files: readonly string[],
  { topic, count }: SampleOptions,
): Promise<readonly KafkaRecord[]> {
  const records: KafkaRecord[] = []
  const places = new Map<string, string>()
  for (const file of files) {
    for (const [line, bytes] of await valuesOf(file)) {
      if (records.length === count) return records
      const place = `${file}:${line}`
      const record = recordOf(bytes, place, file.endsWith('.json')) ?? {
        ...{ topic, partition: 0, offset: records.length, timestamp: 0 },
        ...{ key: null, value: bytes, headers: undefined },
      }
      const name = recordName(record)
      const other = places.get(name)
      if (other !== undefined) {
        throw new OccError(
          'OCC_SAMPLE',
          `${place} is the record ${name}, and so is ${other}: a partition has each offset once. Remedy: change the offset of one, or remove it`,
        )
      }
      places.set(name, place)
      records.push(record)
    }
  }
  if (records.length > 0) return records
  throw new OccError(
    'OCC_SAMPLE',
    `${files.join(', ')} has no record. Remedy: write one a line: the value of a message, or a line of peek --json`,
  )
}

function recordOf(bytes: Buffer, place: string, isValue: boolean): KafkaRecord | null {
  try {
    return isValue ? null : lineToRecord(bytes.toString())
  } catch (error) {
    throw new OccError('OCC_SAMPLE', `${place}: ${messageOf(error)}`, { cause: error })
  }
}

/** Its lines that are not blank with their numbers, or the whole file as line 1. */
async function valuesOf(file: string): Promise<Array<readonly [line: number, bytes: Buffer]>> {
  const content = await readBounded(file)
  if (file.endsWith('.json')) return [[1, content]]
  const lines: Array<readonly [number, Buffer]> = []
  for (let start = 0, line = 1; start < content.length; line++) {
    const next = content.indexOf(10, start)
    const end = next === -1 ? content.length : next
    const text = content.subarray(start, content[end - 1] === 13 ? end - 1 : end)
    if (text.some((byte) => byte > 32)) lines.push([line, text])
    start = end + 1
  }
  return lines
}

/** The whole file. Throws OCC_SAMPLE if it cannot be read or is too large. */
export async function readBounded(file: string): Promise<Buffer> {
  try {
    const { size } = await stat(file)
    if (size <= MAX_FILE_BYTES) return await readFile(file)
  } catch (error) {
    const isMissing = codeOf(error) === 'ENOENT'
    const why = isMissing ? 'does not exist' : `cannot be read: ${messageOf(error)}`
    throw new OccError('OCC_SAMPLE', `${file} ${why}. Remedy: correct the path`, { cause: error })
  }
  throw new OccError(
    'OCC_SAMPLE',
    `${file} has more than ${MAX_FILE_BYTES} bytes, the most that is read. Remedy: give a part of it`,
  )
}
