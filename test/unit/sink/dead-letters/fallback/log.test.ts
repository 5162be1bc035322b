import assert from 'node:assert/strict'
import test from 'node:test'
import { CodedError } from '../../../../../src/kernel/errors.ts'
import { createFallbackLog } from '../../../../../src/sink/dead-letters/fallback/log.ts'
import { createCapturedLog } from '../../../../support/captured-log.ts'
import { letterOf } from '../../../../support/letters.ts'

test('thousands of letters in the fallback for the same reason are logged a few times, and then counted', () => {
  const log = createCapturedLog()
  let now = 0
  const logged = createFallbackLog('/letters', { now: Date.now, monotonic: () => now }, log)
  const reason = new CodedError('OCC_RECORD_TOO_LARGE', 'the topic takes less')
  for (let offset = 0; offset < 2_000; offset++) logged(letterOf(offset), reason)
  assert.equal(log.lines.length, 10)
  assert.match(log.lines[0]?.text ?? '', /kept in \/letters\. the topic takes less$/)
  logged(letterOf(0), new CodedError('OCC_POSTGRES_VALUE', 'another reason'))
  assert.equal(log.lines.length, 11)
  now = 60_000
  logged(letterOf(2_000), reason)
  assert.match(log.lines[11]?.text ?? '', /\(1990 more since the last such line\.\)$/)
})
