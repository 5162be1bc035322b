import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { answers, check, GOOD, terminal } from './support.ts'

const EXAMPLES = join(import.meta.dirname, '../../../../examples')

test('wallets-to-postgres: a wrong URL is said by check, in whatever folder it runs', async (t) => {
  const folder = temporaryFolder(t)
  symlinkSync(EXAMPLES, join(folder, 'examples'))
  const cache = join(folder, '.cache/wallets')
  mkdirSync(cache, { recursive: true })
  writeFileSync(join(cache, 'wallets.txt'), '5Q544fKrFoe6tsEbD7S8EmxGTJYAKtTVhAW5Q5pge4j1\n')
  writeFileSync(join(cache, 'postgres-url'), 'user:hunter2@db:5432/chain\n')
  const config = join(folder, 'examples/wallets-to-postgres/config.yaml')
  const run = async () => {
    const { io, stdout, stderr } = terminal()
    assert.equal(await check(['--config', config], io, { inspect: answers(GOOD) }), 1)
    assert.doesNotMatch(stdout() + stderr(), /hunter2/)
    return stderr()
  }
  const missing = await run()
  assert.ok(missing.includes(`ENOENT: no such file or directory, open '${cache}/webhook-url'`))
  writeFileSync(join(cache, 'webhook-url'), 'hooks.example.com/x\n')
  const wrong = await run()
  assert.ok(wrong.includes(`${cache}/postgres-url does not hold postgresql://user:password@host`))
  assert.ok(wrong.includes(`${cache}/webhook-url does not hold a URL, https://host/path`))
})
