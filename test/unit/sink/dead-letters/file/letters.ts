import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { OccError } from '../../../../../src/kernel/errors.ts'
import type { DeadLetter } from '../../../../../src/kernel/shapes/dead-letter.ts'
import type { KafkaRecord } from '../../../../../src/kernel/shapes/record.ts'
import { type Clock, systemClock } from '../../../../../src/kernel/time/clock.ts'
import {
  createFileTarget,
  type FileTargetOptions,
} from '../../../../../src/sink/dead-letters/file/target.ts'
import { letterOf as anyLetter, recordAt as anyRecord } from '../../../../support/letters.ts'

const ERROR = new OccError('OCC_JSON_INVALID', 'not JSON: "{"')
const PLENTY = 1_000_000_000

/** The file that the target under test writes to. */
export const NAME = 'pod-1.ndjson'

export function targetIn(
  folder: string,
  over: Partial<FileTargetOptions> = {},
  clock: Clock = systemClock,
) {
  return createFileTarget(
    {
      folder,
      maxFileBytes: PLENTY,
      maxFileAge: PLENTY,
      maxBytes: PLENTY,
      writer: 'pod-1',
      ...over,
    },
    clock,
  )
}

export function letterOf(record: KafkaRecord): DeadLetter {
  const { offset } = record
  return anyLetter(offset, { record, error: ERROR, failedAt: Date.now(), group: 'g' })
}

export function recordAt(offset: number, over: Partial<KafkaRecord> = {}): KafkaRecord {
  return anyRecord(offset, { key: null, value: Buffer.from('{'), ...over })
}

/** The whole lines of the file, parsed. */
export function linesOf(file: string): Array<Record<string, unknown>> {
  const text = readFileSync(file, 'utf8')
  assert.ok(text.endsWith('\n'))
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

export const offsetsOf = (file: string) => linesOf(file).map((line) => line['original_offset'])

export const isCode = (code: string) => (error: unknown) =>
  error instanceof OccError && error.code === code && error.retriable
