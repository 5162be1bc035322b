import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { main } from '../../../../src/cli/index.ts'
import { systemClock } from '../../../../src/kernel/time/clock.ts'
import { createFileTarget } from '../../../../src/sink/dead-letters/file/target.ts'
import { fakeIo } from '../../../support/fake-io.ts'
import { letterOf } from '../../../support/letters.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

/** `dlq` beside a folder of letters. */
function setUp(t: TestContext) {
  const folder = temporaryFolder(t)
  const sizes = { maxFileBytes: 1e9, maxFileAge: 1e9, maxBytes: 1e9 }
  const target = createFileTarget({ folder, ...sizes, writer: 'pod' }, systemClock)
  const env = {
    ...{ KAFKA_TOPICS: 'transfers', KAFKA_GROUP_ID: 'transfers-group' },
    OCC_DEAD_LETTERS_FILE_FOLDER: folder,
  }
  async function dlq(...args: string[]) {
    const io = fakeIo({ env })
    await main(['dlq', ...args], io)
    return io.stdout.written()
  }
  return { target, dlq }
}

test('a dry run names its time, and with that what failed later stays', async (t) => {
  const { target, dlq } = setUp(t)
  await target.keep(letterOf(1))
  const dry = await dlq('drop')
  const [, until = ''] = /Add --yes .*, and --until (\S+) to leave out/.exec(dry) ?? []
  await target.keep(letterOf(2, { failedAt: Date.parse(until) }))
  assert.match(await dlq('drop', '--yes', '--until', until), /^1 dropped\.$/m)
  assert.match(await dlq('list', '--json'), /^\{[^\n]*"original_offset":2[^\n]*\}\n$/)
  const given = await dlq('drop', '--until', '2100-01-01T00:00:00Z')
  assert.match(given, /Add --yes to drop them permanently\.$/m)
})

test('what fails after a command began is not among what it is about', async (t) => {
  const { target, dlq } = setUp(t)
  await target.keep(letterOf(1))
  await target.keep(letterOf(2, { failedAt: Date.now() + 3_600_000 }))
  assert.match(await dlq('drop', '--yes'), /^1 dropped\.$/m)
  assert.match(await dlq('list', '--json'), /^\{[^\n]*"original_offset":2[^\n]*\}\n$/)
})

test('a letter that is named is meant, also where the clock of the service is ahead', async (t) => {
  const { target, dlq } = setUp(t)
  await target.keep(letterOf(1, { failedAt: Date.now() + 3_600_000 }))
  assert.match(await dlq('drop', 'transfers/1/1'), /Add --yes to drop them permanently\.$/m)
  assert.match(await dlq('drop', 'transfers/1/1', '--yes'), /^1 dropped\.$/m)
})
