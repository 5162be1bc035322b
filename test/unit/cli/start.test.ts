import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import test from 'node:test'

const MAIN = join(import.meta.dirname, '../../../src/main.ts')

/** `docs` prints more than fits into a pipe. */
function run(stdout: 'pipe' | number) {
  const child = spawn(process.execPath, [MAIN, 'docs'], { stdio: ['ignore', stdout, 'pipe'] })
  const closed = once(child, 'close')
  const error = child.stderr === null ? Promise.resolve('') : text(child.stderr)
  return { child, ended: async () => ({ code: (await closed)[0], error: await error }) }
}

test('a reader that goes away (`| head`) ends a command quietly', async () => {
  const { child, ended } = run('pipe')
  await once(child.stdout ?? child, 'readable')
  child.stdout?.destroy()
  assert.deepEqual(await ended(), { code: 0, error: '' })
})

test('a reader that takes its time gets all of it', async () => {
  const { child, ended } = run('pipe')
  const chunks: Buffer[] = []
  for await (const chunk of child.stdout ?? []) {
    chunks.push(chunk)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  assert.ok(Buffer.concat(chunks).toString().endsWith('\n'))
  assert.ok(Buffer.concat(chunks).length > 100_000)
  assert.match(Buffer.concat(chunks).toString(), /onchain_consumer_build_info/)
  assert.deepEqual(await ended(), { code: 0, error: '' })
})

test('no room for the output is said in one line', async () => {
  const full = openSync('/dev/full', 'w')
  const { ended } = run(full)
  closeSync(full)
  const { code, error } = await ended()
  assert.equal(code, 1)
  assert.match(error, /^onchain-consumer: standard output: ENOSPC[^\n]*\n$/)
})
