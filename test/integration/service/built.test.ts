import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { ROOT, runCommand, temporaryFolder } from './process.ts'

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

test('the built form runs handlers from anywhere, and gives their authors its types', async (t) => {
  const away = temporaryFolder(t)
  const source = `import { defineHandler, formatUnits } from 'onchain-consumer'
export default defineHandler({
  name: 'typed',
  handle: ({ events }) => void events.map(({ amount }) => formatUnits(amount ?? 0n, 6)),
})
`
  await writeFile(join(away, 'handler.ts'), source)
  const config = join(away, 'config.yaml')
  await writeFile(config, JSON.stringify({ handlers: [{ path: join(away, 'handler.ts') }] }))
  const env = { KAFKA_TOPICS: 'a', KAFKA_GROUP_ID: 'b' }
  const { code, stdout } = await runCommand(['check', '--offline', '--config', config], env, main)
  assert.deepEqual([code, /Handlers: typed/.test(stdout)], [0, true])
  // As in a project of the author's, in which the package is installed.
  await mkdir(join(folder, 'author', 'node_modules'), { recursive: true })
  await symlink(folder, join(folder, 'author', 'node_modules', 'onchain-consumer'))
  await writeFile(join(folder, 'author', 'handler.ts'), source)
  const wrong = source.replace('amount ??', 'amuont ??').replace('({ amount })', '({ amuont })')
  await writeFile(join(folder, 'author', 'wrong.ts'), wrong)
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024']
  const compile = (file: string) =>
    promisify(execFile)(
      process.execPath,
      [tsc, ...flags, '--types', 'node', '--ignoreConfig', file],
      {
        cwd: join(folder, 'author'),
      },
    )
  await compile('handler.ts')
  await assert.rejects(compile('wrong.ts'), (error) => /amuont/.test(String(Object(error).stdout)))
})
