import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { lockFolder } from '../../../../src/sink/dead-letters/file-lock.ts'

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'dead-letters-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('one redrive at a time; the next one when it has ended', async (t) => {
  const folder = temporaryFolder(t)
  const unlock = await lockFolder(folder)
  await assert.rejects(lockFolder(folder), {
    code: 'OCC_DEAD_LETTERS_LOCKED',
    message: /redrive\.lock.*delete that file/,
  })
  await unlock()
  await (await lockFolder(folder))()
})

test('the lock of a process that was killed is taken over, that of another machine is not', async (t) => {
  const folder = temporaryFolder(t)
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  writeFileSync(join(folder, 'redrive.lock'), JSON.stringify({ host: hostname(), pid }))
  await (await lockFolder(folder))()
  writeFileSync(join(folder, 'redrive.lock'), JSON.stringify({ host: 'elsewhere', pid }))
  await assert.rejects(lockFolder(folder), { code: 'OCC_DEAD_LETTERS_LOCKED' })
})
