import assert from 'node:assert/strict'
import test from 'node:test'
import { main } from '../../../../src/cli/index.ts'
import { OccError } from '../../../../src/kernel/errors.ts'
import { systemClock } from '../../../../src/kernel/time/clock.ts'
import { createFileTarget } from '../../../../src/sink/dead-letters/file/target.ts'
import { fakeIo } from '../../../support/fake-io.ts'
import { letterOf } from '../../../support/letters.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

test('a name that no letter has is told, with the one that was meant', async (t) => {
  const folder = temporaryFolder(t)
  const sizes = { maxFileBytes: 1e9, maxFileAge: 1e9, maxBytes: 1e9 }
  const target = createFileTarget({ folder, ...sizes, writer: 'pod' }, systemClock)
  await target.keep(letterOf(1, { error: new OccError('OCC_JSON_INVALID', 'not JSON') }))
  await target.keep(letterOf(2, { error: new OccError('OCC_LZ4_BLOCK', 'no block') }))
  const env = {
    ...{ KAFKA_TOPICS: 'transfers', KAFKA_GROUP_ID: 'transfers-group' },
    OCC_DEAD_LETTERS_FILE_FOLDER: folder,
  }
  async function said(...args: string[]) {
    const io = fakeIo({ env })
    assert.equal(await main(['dlq', ...args], io), 0)
    return io.stderr
      .written()
      .split('\n')
      .slice(1)
      .filter((line) => !line.startsWith('No conf'))
  }
  const typo = 'No dead letter has --error-type OCC_JSON_INVALD. Did you mean OCC_JSON_INVALID?'
  for (const command of ['list', 'redrive', 'drop']) {
    assert.ok((await said(command, '--error-type', 'OCC_JSON_INVALD')).includes(typo), command)
  }
  assert.ok((await said('list', '--topic', 'swaps')).join('\n').includes('There are: transfers.'))
  assert.ok(
    (await said('list', '--error-type', 'NoSuch'))
      .join('\n')
      .includes('There are: OCC_JSON_INVALID, OCC_LZ4_BLOCK.'),
  )
  // Each name is there, only not in one letter; and where letters are, nothing is said.
  const apart = await said(
    'list',
    '--error-type',
    'OCC_LZ4_BLOCK',
    '--since',
    '2100-01-01T00:00:00Z',
  )
  assert.doesNotMatch(apart.join('\n'), /No dead letter has/)
  const found = await said('list', '--error-type', 'OCC_LZ4_BLOCK,OCC_JSON_INVALD')
  assert.doesNotMatch(found.join('\n'), /No dead letter has/)
})
