import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { effectiveSettings } from '../../../src/config/load/effective.ts'
import { readAdminToken } from '../../../src/config/secrets.ts'
import { folder, loadEnv, MIN, problemsOf, textOf } from './support.ts'

const TOKEN = 'a-token-that-nobody-guesses'

test('a token file without a usable token is a problem before the start, and is not shown', (t) => {
  const cases = { short: 'short-token-5', spaces: `${TOKEN} ${TOKEN}`, two: `${TOKEN}\n${TOKEN}` }
  const path = folder(t, cases)
  for (const [name, content] of Object.entries(cases)) {
    const result = loadEnv({ ...MIN, OCC_ADMIN_TOKEN_FILE: join(path, name) })
    assert.match(
      problemsOf(result).join(),
      /^admin\.tokenFile: names a file that does not hold a token of at least 16/,
    )
    assert.ok(!textOf(result).includes(content))
  }
  const missing = loadEnv({ ...MIN, OCC_ADMIN_TOKEN_FILE: join(path, 'none') })
  assert.match(problemsOf(missing).join(), /admin\.tokenFile: names a file that does not exist/)
})

test('check says which file it is, and not what is in it', (t) => {
  const file = join(folder(t, { token: TOKEN }), 'token')
  const result = loadEnv({ ...MIN, OCC_ADMIN_TOKEN_FILE: file })
  assert.ok(result.ok)
  const shown = effectiveSettings(result.config, result.origins)
  const setting = shown.find(({ key }) => key === 'admin.tokenFile')
  assert.equal(setting?.value, `from file ${file}`)
})

test('the token is read again each time, and refused where it is none any more', (t) => {
  const file = join(folder(t, { token: `${TOKEN}\r\n` }), 'token')
  assert.equal(readAdminToken(file), TOKEN)
  writeFileSync(file, 'another-token-of-some-length\n')
  assert.equal(readAdminToken(file), 'another-token-of-some-length')
  writeFileSync(file, 'short\n')
  assert.throws(() => readAdminToken(file), { code: 'OCC_ADMIN_TOKEN', message: /16 printable/ })
})
