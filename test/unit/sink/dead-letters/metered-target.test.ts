import assert from 'node:assert/strict'
import test from 'node:test'
import { OccError } from '../../../../src/kernel/errors.ts'
import { createMeters } from '../../../../src/observe/meters/meters.ts'
import { createMeteredTarget } from '../../../../src/sink/dead-letters/metered-target.ts'
import { letterOf } from '../../../support/letters.ts'

test('attempts are counted as kept and failed', async () => {
  const meter = createMeters().deadLetterTarget('file')
  const answers = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let calls = 0
  const target = createMeteredTarget(
    {
      keep: async () => answers[calls++]?.promise,
      check: async () => {},
      close: async () => {},
    },
    meter,
  )
  const kept = target.keep(letterOf(1))
  const failed = target.keep(letterOf(2))
  answers[0]?.resolve()
  answers[1]?.reject(new OccError('OCC_DEAD_LETTERS_FULL', 'full', { retriable: true }))
  await kept
  await assert.rejects(failed)
  assert.equal(meter.kept, 1)
  assert.deepEqual([...meter.errors], [['OCC_DEAD_LETTERS_FULL', 1]])
  assert.equal(meter.keepSeconds.snapshot().count, 1)
})
