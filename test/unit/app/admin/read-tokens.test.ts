import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { createTokenReader } from '../../../../src/app/admin/read-tokens.ts'
import type { Config } from '../../../../src/config/types.ts'
import { createCapturedLog } from '../../../support/captured-log.ts'
import { folder } from '../../config/support.ts'

function reader(admin: Config['admin']) {
  const log = createCapturedLog()
  const time = { monotonic: 0 }
  const clock = { now: () => 0, monotonic: () => time.monotonic }
  return { log, time, read: createTokenReader({ admin }, clock, log) }
}

test('an unusable token for reading locks no operator out, and is logged without it', (t) => {
  const files = folder(t, { operate: 'a-token-that-nobody-guesses', read: 'short' })
  const [tokenFile, readTokenFile] = [join(files, 'operate'), join(files, 'read')]
  const { log, time, read } = reader({ tokenFile, readTokenFile })
  const expected = [['operator', 'operate']]
  assert.deepEqual(
    read().map(({ name, right }) => [name, right]),
    expected,
  )
  const [line] = log.lines
  assert.equal(line?.fields.event, 'admin.token-unusable')
  assert.match(line?.text ?? '', /admin\.readTokenFile/)
  assert.equal(JSON.stringify(log.lines).includes('short'), false)
  // Anybody can send requests, and each reads the files.
  for (let request = 0; request < 100; request++) read()
  assert.equal(log.lines.length, 1)
  time.monotonic = 60_000
  read()
  assert.match(log.lines[1]?.text ?? '', /\(100 more since the last such line\.\)$/)
  // Else the API would seem to be off.
  assert.throws(reader({ tokenFile: undefined, readTokenFile }).read, { code: 'OCC_ADMIN_TOKEN' })
})

test('tokens have names: of their lines, or of their files', (t) => {
  const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => `${name}-has-a-long-token`)
  const path = folder(t, {
    lines: `# who operates\nalice: ${alice}\n\nbob:  ${bob}\r\n`,
    'readers/carol': `${carol}\n`,
    'readers/..data/carol': `${carol}\n`,
  })
  const admin = { tokenFile: join(path, 'lines'), readTokenFile: join(path, 'readers') }
  assert.deepEqual(reader(admin).read(), [
    { name: 'alice', token: alice, right: 'operate' },
    { name: 'bob', token: bob, right: 'operate' },
    { name: 'carol', token: carol, right: 'read' },
  ])
})
