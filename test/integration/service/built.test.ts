import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { ROOT, runCommand } from './process.ts'

let folder = ''
let main = ''

before(async () => {
  // In the repository, so that node_modules is found, and laid out as an installed package is.
  await mkdir(join(ROOT, '.cache'), { recursive: true })
  folder = await mkdtemp(join(ROOT, '.cache', 'built-'))
  await copyFile(join(ROOT, 'package.json'), join(folder, 'package.json'))
  const outDir = join(folder, 'dist')
  main = join(outDir, 'main.js')
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  const args = [tsc, '-p', join(ROOT, 'tsconfig.build.json'), '--outDir', outDir]
  await promisify(execFile)(process.execPath, args)
})

after(() => rm(folder, { recursive: true, force: true }))

test('the built form prints its version', async () => {
  const { code, stdout, stderr } = await runCommand(['version'], {}, main)
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, /^onchain-consumer \d+\.\d+\.\d+ \(Node v\d+/)
})

test('the built form checks a configuration without connecting', async () => {
  const env = { KAFKA_TOPICS: 'a', KAFKA_GROUP_ID: 'b' }
  const { code, stdout, stderr } = await runCommand(['check', '--offline'], env, main)
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, /The configuration is valid\. Nothing was connected\./)
})
