import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { answers, check, file, GOOD, never, terminal } from './support.ts'

test('says each problem of the handlers at once, each with its remedy, and opens the rest', async (t) => {
  const folder = temporaryFolder(t)
  const opened = join(folder, 'opened')
  writeFileSync(
    join(folder, 'sinks.mjs'),
    `import { appendFileSync } from 'node:fs'
export default { name: 'emits', sinks: ['alert'], handle() {},
  open: () => appendFileSync('${opened}', 'open '), close: () => appendFileSync('${opened}', 'close') }`,
  )
  writeFileSync(
    join(folder, 'fails.mjs'),
    "export default { name: 'rows', handle() {}, open() { throw new Error('no database') } }",
  )
  const handlers = ['one.ts', 'two.ts', 'sinks.mjs', 'fails.mjs'].map((name) => ({
    path: join(folder, name),
  }))
  const sinks = { alerts: { type: 'log' } }
  const config = join(folder, 'config.yaml')
  writeFileSync(config, JSON.stringify({ handlers, sinks }))
  const { io, stderr } = terminal()
  assert.equal(await check(['--config', config], io, { inspect: answers(GOOD) }), 1)
  const problems = stderr().split('Problem: ').slice(1)
  const expected = [
    /one\.ts does not exist\. Remedy: correct handlers\[\]\.path/,
    /two\.ts does not exist\. Remedy: /,
    /sinks\.mjs emits to a sink that is not configured: no sink is called "alert".*Did you mean alerts\?.*Remedy: /,
    /The handler rows cannot be opened: no database\..*Remedy: .*OCC_HANDLER_OPEN\).*--no-open.*\n {4}at .*fails\.mjs:1:\d+\)?$/m,
  ]
  assert.equal(problems.length, expected.length)
  for (const [index, problem] of problems.entries()) assert.match(problem, expected[index] ?? /^$/)
  assert.doesNotMatch(stderr(), / at (?:async )?Promise\./)
  assert.equal(readFileSync(opened, 'utf8'), 'open close')
})

test('a secret in the options of a handler is not shown', async (t) => {
  const path = file(t, 'idle.mjs', "export default { name: 'idle', handle() {} }")
  const options = {
    url: 'postgresql://user:hunter2@db/chain',
    apiToken: 'hunter2',
    table: 'whales',
  }
  const config = file(t, 'config.yaml', JSON.stringify({ handlers: [{ path, options }] }))
  const { io, stdout, stderr } = terminal()
  assert.equal(await check(['--config', config, '--offline'], io, { inspect: never }), 0)
  assert.doesNotMatch(stdout() + stderr(), /hunter2/)
  assert.match(stdout(), /whales/)
})

test('--no-open and --offline load the handlers without opening them', async (t) => {
  const path = file(
    t,
    'fails.mjs',
    "export default { name: 'rows', handle() {}, open() { throw new Error('no database') } }",
  )
  const config = file(t, 'config.yaml', JSON.stringify({ handlers: [{ path }] }))
  for (const flag of ['--no-open', '--offline']) {
    const { io, stdout } = terminal()
    assert.equal(await check(['--config', config, flag], io, { inspect: answers(GOOD) }), 0)
    assert.match(stdout(), /\nHandlers: rows\n/)
  }
})
