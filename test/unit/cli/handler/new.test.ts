import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { promisify } from 'node:util'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { outcomes, run } from './run.ts'

test('a new handler comes with a test and samples that pass, and overwrites nothing', async (t) => {
  const folder = join(temporaryFolder(t), 'handlers')
  const { code, stdout } = await run('new', 'whale', '--folder', folder)
  assert.equal(code, 0)
  assert.match(stdout, /Next:\n {2}node --test \S+whale\.test\.ts\n/)
  await promisify(execFile)(process.execPath, ['--test', join(folder, 'whale.test.ts')], {
    cwd: folder,
    env: { PATH: process.env['PATH'] },
  })
  const sample = join(folder, 'whale.samples.ndjson')
  const tried = await run('test', join(folder, 'whale.ts'), '--sample', sample)
  assert.deepEqual(outcomes(tried.stdout), ['ok', 'skip filtered', 'skip duplicate'])
  const before = readFileSync(join(folder, 'whale.ts'), 'utf8')
  await assert.rejects(run('new', 'whale', '--folder', folder), { code: 'OCC_FILE_EXISTS' })
  assert.equal(readFileSync(join(folder, 'whale.ts'), 'utf8'), before)
})

test('in a package of CommonJS, as npm init makes it, the new files are modules too', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}')
  const inside = join(folder, 'handlers')
  const { stdout } = await run('new', 'whale', '--folder', inside)
  assert.match(stdout, /node --test \S+whale\.test\.mts\n(?:.*\n)*.*path: \.\/whale\.mts /)
  const env = { PATH: process.env['PATH'] }
  await promisify(execFile)(process.execPath, ['--test', join(inside, 'whale.test.mts')], { env })
  const sample = join(inside, 'whale.samples.ndjson')
  assert.equal((await run('test', join(inside, 'whale.mts'), '--sample', sample)).code, 0)
})

test('where one of the files exists, none is written', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'whale.samples.ndjson'), 'mine')
  await assert.rejects(run('new', 'whale', '--folder', folder), {
    code: 'OCC_FILE_EXISTS',
    message: /whale\.samples\.ndjson exists, and handler new overwrites nothing\. Remedy: /,
  })
  assert.deepEqual(readdirSync(folder), ['whale.samples.ndjson'])
})

test('a test of the handler fails once the handler is broken', async (t) => {
  const folder = temporaryFolder(t)
  await run('new', 'whale', '--folder', folder)
  const file = join(folder, 'whale.ts')
  writeFileSync(file, readFileSync(file, 'utf8').replace("emit('out'", "emit('other'"))
  const env = { PATH: process.env['PATH'] }
  const failing = promisify(execFile)(process.execPath, ['--test', join(folder, 'whale.test.ts')], {
    env,
  })
  await assert.rejects(failing, (error) => Object(error).code === 1)
})
