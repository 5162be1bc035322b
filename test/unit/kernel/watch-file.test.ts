import assert from 'node:assert/strict'
import {
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { watchFile } from '../../../src/kernel/watch-file.ts'
import { folder } from '../config/support.ts'

function watching(t: TestContext, path: string) {
  let told = 0
  const watch = watchFile(path, async () => {
    told += 1
    return true
  })
  t.after(() => watch.close())
  return {
    check: watch.check,
    /** How often a change was reported, after time to settle. */
    async told() {
      await watch.check()
      await watch.check()
      return told
    },
  }
}

test('an unchanged file is reported once: it may have changed since it was read', async (t) => {
  const path = join(folder(t, { 'config.yaml': 'a: 1' }), 'config.yaml')
  const { told } = watching(t, path)
  assert.equal(await told(), 1)
  assert.equal(await told(), 1)
})

test('a plain write and an atomic rename are each reported once', async (t) => {
  const path = join(folder(t, { 'config.yaml': 'a: 1' }), 'config.yaml')
  const { told } = watching(t, path)
  assert.equal(await told(), 1)
  writeFileSync(path, 'a: 22')
  assert.equal(await told(), 2)
  writeFileSync(`${path}.new`, 'a: 33')
  renameSync(`${path}.new`, path)
  assert.equal(await told(), 3)
  assert.equal(await told(), 3)
})

test('a change with the same length and time is detected', async (t) => {
  const path = join(folder(t, { 'config.yaml': 'a: 1' }), 'config.yaml')
  utimesSync(path, 1, 1)
  const { told } = watching(t, path)
  await told()
  writeFileSync(path, 'a: 2')
  utimesSync(path, 1, 1)
  assert.equal(await told(), 2)
})

test('the new link of a mounted ConfigMap is detected', async (t) => {
  const mount = folder(t)
  const version = (name: string, content: string) => {
    mkdirSync(join(mount, name))
    writeFileSync(join(mount, name, 'config.yaml'), content)
  }
  version('..1', 'a: 1')
  symlinkSync('..1', join(mount, '..data'))
  symlinkSync(join('..data', 'config.yaml'), join(mount, 'config.yaml'))
  const { told } = watching(t, join(mount, 'config.yaml'))
  assert.equal(await told(), 1)
  // As the kubelet does: a new folder, a new link next to the old one, renamed over it.
  version('..2', 'a: 2')
  symlinkSync('..2', join(mount, '..data_tmp'))
  renameSync(join(mount, '..data_tmp'), join(mount, '..data'))
  rmSync(join(mount, '..1'), { recursive: true })
  assert.equal(await told(), 2)
})

test('a file that is still being written is not reported', async (t) => {
  const path = join(folder(t, { 'config.yaml': 'a: 1' }), 'config.yaml')
  let count = 0
  const watch = watchFile(path, async () => {
    count += 1
    return true
  })
  t.after(() => watch.close())
  for (const length of [3, 2, 1]) {
    truncateSync(path, length)
    await watch.check()
  }
  assert.equal(count, 0)
  await watch.check()
  assert.equal(count, 1)
})

test('a file that is deleted and created again is reported both times', async (t) => {
  const path = join(folder(t, { 'config.yaml': 'a: 1' }), 'config.yaml')
  const { told } = watching(t, path)
  await told()
  rmSync(path)
  assert.equal(await told(), 2)
  writeFileSync(path, 'a: 1')
  assert.equal(await told(), 3)
})

test('a change that could not be applied is reported again, until it could', async (t) => {
  const path = join(folder(t, { 'config.yaml': 'a: 1' }), 'config.yaml')
  const answers = [false, false, true]
  const watch = watchFile(path, async () => answers.shift() ?? assert.fail('told once too often'))
  t.after(() => watch.close())
  for (let look = 0; look < 6; look++) await watch.check()
  assert.deepEqual(answers, [])
})
