import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import test, { after, before } from 'node:test'
import { systemClock } from '../../../src/kernel/time/clock.ts'
import { createFileTarget } from '../../../src/sink/dead-letters/file/target.ts'
import { letterOf } from '../../support/letters.ts'

const MAIN = join(import.meta.dirname, '../../../src/main.ts')

/** `dlq list` of this many letters prints more than fits into a pipe. */
const LETTERS = 600

const folder = mkdtempSync(join(tmpdir(), 'occ-start-'))
after(() => rmSync(folder, { recursive: true }))

before(async () => {
  const options = {
    folder,
    writer: 'test',
    maxBytes: 2 ** 24,
    maxFileBytes: 2 ** 24,
    maxFileAge: 60_000,
  }
  const target = createFileTarget(options, systemClock)
  await Promise.all(Array.from({ length: LETTERS }, (_, offset) => target.keep(letterOf(offset))))
  await target.close()
})

function run(stdout: 'pipe' | number) {
  const env = {
    KAFKA_BOOTSTRAP_SERVERS: 'localhost:1',
    KAFKA_TOPICS: 'transfers',
    KAFKA_GROUP_ID: 'transfers-group',
    OCC_DEAD_LETTERS_FILE_FOLDER: folder,
  }
  const args = [MAIN, 'dlq', 'list', '--json', '--limit', String(LETTERS)]
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', stdout, 'pipe'] })
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

test('a slow reader gets the whole output', async () => {
  const { child, ended } = run('pipe')
  const chunks: Buffer[] = []
  for await (const chunk of child.stdout ?? []) {
    chunks.push(chunk)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  assert.ok(Buffer.concat(chunks).toString().endsWith('\n'))
  assert.ok(Buffer.concat(chunks).length > 100_000)
  assert.equal(Buffer.concat(chunks).toString().trim().split('\n').length, LETTERS)
  assert.deepEqual(await ended(), { code: 0, error: '' })
})

test('a full output is reported in one line', async () => {
  const full = openSync('/dev/full', 'w')
  const { ended } = run(full)
  closeSync(full)
  const { code, error } = await ended()
  assert.equal(code, 1)
  assert.match(error, /^onchain-consumer: standard output: ENOSPC[^\n]*\n$/)
})
