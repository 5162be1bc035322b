import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { readAdminToken, readPodsToken } from '../../../src/config/admin-tokens.ts'
import { effectiveSettings } from '../../../src/config/load/effective.ts'
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

test('named tokens are checked before the start, by line and by file, and never shown', (t) => {
  const other = 'another-token-of-some-length'
  const path = folder(t, {
    good: `alice: ${TOKEN}\nbob: ${other}`,
    line: `alice: ${TOKEN}\nbob:short-and-no-space`,
    twice: `alice: ${TOKEN}\nalice: ${other}`,
    shared: `alice: ${TOKEN}\nbob: ${TOKEN}`,
    'folder/alice': TOKEN,
    'folder/bob': 'short-token-5',
    'empty/.keep': '',
  })
  const problems = (name: string) => {
    const result = loadEnv({ ...MIN, OCC_ADMIN_TOKEN_FILE: join(path, name) })
    for (const secret of [TOKEN, other, 'short-']) assert.ok(!textOf(result).includes(secret))
    return problemsOf(result).join()
  }
  assert.equal(problems('good'), '')
  assert.match(problems('line'), /names a file that has in line 2 no "name: token"/)
  assert.match(problems('twice'), /names a file that has a name twice/)
  assert.match(problems('shared'), /has the same token under two names/)
  assert.match(problems('folder'), /has the file bob, which does not hold a token of at least 16/)
  assert.match(problems('empty'), /does not hold a token/)
})

test('pods use the token that is called so, or else the first', (t) => {
  const other = 'another-token-of-some-length'
  const path = folder(t, {
    two: `alice: ${TOKEN}\nbob: ${other}`,
    own: `a: ${TOKEN}\npods: ${other}`,
  })
  assert.equal(readPodsToken(join(path, 'two'), 'admin.tokenFile'), TOKEN)
  assert.equal(readPodsToken(join(path, 'own'), 'admin.tokenFile'), other)
  assert.throws(() => readAdminToken(join(path, 'two')), { message: /holds 2 tokens: name a file/ })
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
