import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { lockFolder } from '../../../../../src/sink/dead-letters/file/lock.ts'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'

test('one redrive at a time; the next one after it has ended', async (t) => {
  const folder = temporaryFolder(t)
  const unlock = await lockFolder(folder)
  await assert.rejects(lockFolder(folder), {
    code: 'OCC_DEAD_LETTERS_LOCKED',
    message: /redrive\.[\w-]+\.lock.*delete that file/,
  })
  await unlock()
  await (await lockFolder(folder))()
})

test('the lock of a killed process is taken over, that of another machine is not', async (t) => {
  const folder = temporaryFolder(t)
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  writeFileSync(join(folder, 'redrive.lock'), JSON.stringify({ host: hostname(), pid }))
  await (await lockFolder(folder))()
  writeFileSync(join(folder, 'redrive.lock'), JSON.stringify({ host: 'elsewhere', pid }))
  await assert.rejects(lockFolder(folder), { code: 'OCC_DEAD_LETTERS_LOCKED' })
})

test('a lock of a process with a reused number but another start time is stale', async (t) => {
  const folder = temporaryFolder(t)
  const lock = { host: hostname(), pid: process.pid }
  writeFileSync(join(folder, 'redrive.a.lock'), JSON.stringify({ ...lock, started: '1' }))
  await (await lockFolder(folder))()
  // A redrive of version 0.1 did not say when it began.
  writeFileSync(join(folder, 'redrive.lock'), JSON.stringify(lock))
  await assert.rejects(lockFolder(folder), { code: 'OCC_DEAD_LETTERS_LOCKED' })
})

test('of many that find the same stale lock at once, never two take it', async (t) => {
  const folder = temporaryFolder(t)
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  let holders = 0
  let most = 0
  let had = 0
  async function race(): Promise<void> {
    const unlock = await lockFolder(folder).catch(() => null)
    if (unlock === null) return
    holders += 1
    had += 1
    most = Math.max(most, holders)
    await setImmediate()
    holders -= 1
    await unlock()
  }
  for (let round = 0; round < 20; round++) {
    for (const name of ['redrive.lock', `redrive.${round}.lock`]) {
      writeFileSync(join(folder, name), JSON.stringify({ host: hostname(), pid }))
    }
    await Promise.all(Array.from({ length: 8 }, race))
  }
  t.diagnostic(`160 tried, ${had} had it, at most ${most} at once`)
  assert.equal(most, 1)
  assert.deepEqual(readdirSync(folder), [])
})
