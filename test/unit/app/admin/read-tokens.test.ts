import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { readTokens } from '../../../../src/app/admin/read-tokens.ts'
import { createCapturedLog } from '../../../support/captured-log.ts'
import { folder } from '../../config/support.ts'

test('an unusable token for reading locks no operator out, and is logged without it', (t) => {
  const files = folder(t, { operate: 'a-token-that-nobody-guesses', read: 'short' })
  const [tokenFile, readTokenFile] = [join(files, 'operate'), join(files, 'read')]
  const log = createCapturedLog()
  const tokens = readTokens({ admin: { tokenFile, readTokenFile } }, log)
  assert.deepEqual(
    tokens.map(({ name, right }) => [name, right]),
    [['operator', 'operate']],
  )
  const [line] = log.lines
  assert.equal(line?.fields.event, 'admin.token-unusable')
  assert.match(line?.text ?? '', /admin\.readTokenFile/)
  assert.equal(JSON.stringify(log.lines).includes('short'), false)
  // Else the API would seem to be off.
  assert.throws(() => readTokens({ admin: { tokenFile: undefined, readTokenFile } }, log), {
    code: 'OCC_ADMIN_TOKEN',
  })
})

test('tokens have names: of their lines, or of their files', (t) => {
  const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => `${name}-has-a-long-token`)
  const path = folder(t, {
    lines: `# who operates\nalice: ${alice}\n\nbob:  ${bob}\r\n`,
    'readers/carol': `${carol}\n`,
    'readers/..data/carol': `${carol}\n`,
  })
  const admin = { tokenFile: join(path, 'lines'), readTokenFile: join(path, 'readers') }
  assert.deepEqual(readTokens({ admin }, createCapturedLog()), [
    { name: 'alice', token: alice, right: 'operate' },
    { name: 'bob', token: bob, right: 'operate' },
    { name: 'carol', token: carol, right: 'read' },
  ])
})
