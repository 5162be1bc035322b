import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { main } from '../../../../src/cli/index.ts'
import { systemClock } from '../../../../src/kernel/time/clock.ts'
import { createFileTarget } from '../../../../src/sink/dead-letters/file/target.ts'
import { fakeIo } from '../../../support/fake-io.ts'
import { letterOf } from '../../../support/letters.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { file } from '../check/support.ts'

const GROUP = { KAFKA_TOPICS: 'transfers', KAFKA_GROUP_ID: 'transfers-group' }

/** `dlq` with letters in a folder that does not exist yet. */
function setUp(t: TestContext) {
  const folder = join(temporaryFolder(t), 'letters')
  const env = { ...GROUP, OCC_DEAD_LETTERS_FILE_FOLDER: folder }
  async function dlq(args: readonly string[], over: Record<string, string> = {}) {
    const io = fakeIo({ env: { ...env, ...over } })
    const code = await main(['dlq', ...args], io)
    return { code, out: io.stdout.written(), error: io.stderr.written() }
  }
  return { folder, dlq }
}

const COMMANDS = [
  ['list'],
  ['list', '--json'],
  ['show', 'transfers/1/5'],
  ['redrive', '--yes'],
  ['drop', '--yes'],
]

test('every dlq command names the folder that it reads, in full', async (t) => {
  const { folder, dlq } = setUp(t)
  mkdirSync(folder)
  for (const command of COMMANDS) {
    const { error } = await dlq(command)
    if (command.includes('--json')) assert.equal(error, '')
    else assert.ok(error.startsWith(`Dead letters in the folder ${folder}.\n`), error)
  }
  const { out } = await dlq(['list'])
  assert.equal(out, `No dead letters (group transfers-group) in the folder ${folder}.\n`)
})

test('a folder that does not exist is another answer than no letters', async (t) => {
  const { folder, dlq } = setUp(t)
  for (const command of COMMANDS.filter(([name]) => name === 'list' || name === 'show')) {
    const { error } = await dlq(command)
    const [first, second] = error.split('\n')
    assert.ok(first?.startsWith(`There is no dead letter in the folder ${folder}, because`), error)
    assert.match(`${second}`, /^No configuration file was read: --config FILE or OCC_CONFIG names/)
  }
  const { out } = await dlq(['list'])
  assert.equal(out, `No dead letters: the folder ${folder} does not exist.\n`)
})

test('with a configuration file nothing is said of it, and letters are found there', async (t) => {
  const { folder, dlq } = setUp(t)
  const config = file(t, 'config.yaml', 'http: { port: 0 }\n')
  const without = await dlq(['list', '--config', config])
  assert.doesNotMatch(without.error, /configuration/)
  const sizes = { maxFileBytes: 1e9, maxFileAge: 1e9, maxBytes: 1e9 }
  const target = createFileTarget({ folder, ...sizes, writer: 'pod' }, systemClock)
  await target.keep(letterOf(5))
  const found = await dlq(['list'], { OCC_CONFIG: config })
  assert.equal(found.error, `Dead letters in the folder ${folder}.\n`)
  assert.match(found.out, /transfers\/1\/5/)
})
