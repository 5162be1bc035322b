import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { messageOf, OccError } from '../../kernel/errors.ts'
import type { Outcome } from '../../kernel/shapes/outcome.ts'
import { recordName } from '../../kernel/shapes/record.ts'
import { redactText } from '../../kernel/text/redact-text.ts'
import { parseExactly } from '../records/exact-json.ts'
import { readBounded } from '../records/sample-files.ts'
import type { Emission, Result } from './results.ts'

/** A result as its line in a file of expected results. */
export interface Expected {
  readonly record: string
  readonly outcome: Outcome['kind']
  /** Of `skip`, `later` and `dead`. */
  readonly reason?: string
  /** The code of a failure's error; not its text, which may differ each time. */
  readonly error?: string
  readonly emitted: readonly ExpectedValue[]
}

interface ExpectedValue {
  readonly sink: string
  readonly id: string
  readonly key?: string
  readonly value: unknown
}

/** What is compared of a result. Times are not. */
export function expectedOf({ record, outcome, emitted }: Result): Expected {
  const { kind } = outcome
  return {
    record: recordName(record),
    outcome: kind,
    ...reasonOf(outcome),
    ...((kind === 'retry' || kind === 'dead') && { error: outcome.error.code }),
    emitted: emitted.map(expectedValue),
  }
}

function reasonOf(outcome: Outcome): { reason?: string } {
  if (outcome.kind === 'skip' || outcome.kind === 'later') return { reason: outcome.reason }
  if (outcome.kind === 'dead') return { reason: redactText(outcome.error.message) }
  return {}
}

export function expectedValue({ sink, item }: Emission): ExpectedValue {
  const { id, key, value, form } = item
  const text = value.toString(form === 'bytes' ? 'base64' : 'utf8')
  const shown = form === 'json' ? parseExactly(text) : text
  return { sink, id, ...(key !== null && { key }), value: shown }
}

/** Writes the results for a later `--expect`. Throws OCC_FILE_EXISTS instead of losing another file. */
export async function saveResults(file: string, results: readonly Result[]): Promise<void> {
  if (existsSync(file)) {
    await readExpected(file).catch((error) => {
      throw new OccError(
        'OCC_FILE_EXISTS',
        `${file} exists and does not hold results, so --save does not overwrite it: ${messageOf(error)}`,
        { cause: error },
      )
    })
  }
  const lines = results.map((result) => `${JSON.stringify(expectedOf(result))}\n`)
  await writeFile(file, lines.join('')).catch((error) => {
    throw new OccError(
      'OCC_SAMPLE',
      `${file} cannot be written: ${messageOf(error)}. Remedy: correct the path`,
      {
        cause: error,
      },
    )
  })
}

/** Throws OCC_SAMPLE with file and line. */
export async function readExpected(file: string): Promise<readonly Expected[]> {
  const lines = (await readBounded(file)).toString().split('\n')
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return []
    try {
      const expected: unknown = parseExactly(line)
      if (isExpected(expected)) return [expected]
    } catch {
      // Said below.
    }
    throw new OccError(
      'OCC_SAMPLE',
      `${file}:${index + 1} is not an expected result. Remedy: let handler test --save write the file`,
    )
  })
}

function isExpected(value: unknown): value is Expected {
  if (typeof value !== 'object' || value === null) return false
  const { record, outcome, emitted }: Readonly<Record<string, unknown>> = { ...value }
  return typeof record === 'string' && typeof outcome === 'string' && Array.isArray(emitted)
}
