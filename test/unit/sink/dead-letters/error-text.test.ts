import assert from 'node:assert/strict'
import test from 'node:test'
import { letterFacts } from '../../../../src/cli/dlq/text.ts'
import { OccError } from '../../../../src/kernel/errors.ts'
import { createLogger } from '../../../../src/observe/log/logger.ts'
import { letterToLine } from '../../../../src/sink/dead-letters/file/letter-line.ts'
import { letterToHeaders } from '../../../../src/sink/dead-letters/kafka/letter-headers.ts'
import { letterToValues } from '../../../../src/sink/dead-letters/postgres/table.ts'

const GOAL_MS = 50
/** JSON doubles quotes and backslashes, and a letter says more than its error. */
const MAX = 40_000

/** What made the expressions of before search to the end of the text again and again. */
const texts: Readonly<Record<string, string>> = {
  'a response': '<div class="a">token = {"b": 1}</div> ',
  'urls without an end': 'a://b:c',
  'one word': 'x',
  'many lines': 'at f (file:///a/b.ts:1:2)\n',
}

for (const [name, part] of Object.entries(texts)) {
  test(`1 MB of error text, ${name}: every target keeps a bounded part of it`, async (t) => {
    const message = part.repeat(Math.ceil(1_000_000 / part.length))
    const where = { topic: 't', partition: 0, offset: 1, timestamp: 0 }
    const record = { ...where, key: null, value: null, headers: undefined }
    const error = new OccError('OCC_HANDLER', message, { cause: new Error(message) })
    const letter = {
      record,
      error,
      handler: null,
      attempts: 1,
      failedAt: 0,
      redrives: 0,
      group: 'g',
    }
    const stored = {
      ...letter,
      id: 'a',
      errorType: 'OCC_HANDLER',
      errorMessage: message,
      errorStack: null,
    }
    let line = ''
    const log = createLogger({
      level: 'info',
      format: 'json',
      destination: { write: (text) => (line = text) },
    })
    const places: Record<string, () => string> = {
      file: () => letterToLine(letter),
      kafka: () => JSON.stringify(letterToHeaders(letter)),
      postgres: () => JSON.stringify(letterToValues(letter)),
      'dlq list': () => JSON.stringify(letterFacts({ ...stored, sendingSince: null })),
      log: () => {
        log.error({ event: 'record.failed', error }, message)
        return line
      },
    }
    const times = Object.entries(places).map(([place, write]) => {
      const started = performance.now()
      const written = write()
      const time = performance.now() - started
      assert.ok(written.length < MAX, `${place}: ${written.length} characters`)
      return `${place} ${time.toFixed(1)}`
    })
    t.diagnostic(`${name}, ms (goal: ${GOAL_MS} each): ${times.join(', ')}`)
  })
}
