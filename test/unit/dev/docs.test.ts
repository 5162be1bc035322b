import assert from 'node:assert/strict'
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { docs } from '../../../dev/docs/docs.ts'
import type { Io } from '../../../src/cli/terminal/io.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

function terminal() {
  let text = ''
  const stream = { write: (more: string) => (text += more) }
  const io: Io = { env: {}, stdout: stream, stderr: stream }
  return { io, text: () => text }
}

test("the repository's documents match the code; if not: npm run docs", async () => {
  const { io, text } = terminal()
  assert.equal(await docs(['--check'], io), 0, text())
})

test('--write writes what --check accepts, and --check names stale files', async (t) => {
  const folder = temporaryFolder(t)
  assert.equal(await docs(['--check'], terminal().io, folder), 1)
  assert.equal(await docs(['--write'], terminal().io, folder), 0)
  assert.deepEqual(readdirSync(folder).sort(), [
    'configuration.md',
    'errors.md',
    'handlers.md',
    'log-events.md',
    'metrics.md',
    'openapi.json',
    'reference-config.yaml',
  ])
  assert.equal(await docs(['--check'], terminal().io, folder), 0)
  // Handwritten text around the generated part stays.
  const handlers = join(folder, 'handlers.md')
  const text_ = `before\n${readFileSync(handlers, 'utf8')}after\n`
  writeFileSync(handlers, text_.replace('SQLSTATE', 'STATE'))
  assert.equal(await docs(['--check'], terminal().io, folder), 1)
  assert.equal(await docs(['--write'], terminal().io, folder), 0)
  assert.equal(readFileSync(handlers, 'utf8'), text_)
  appendFileSync(join(folder, 'configuration.md'), 'edited by hand\n')
  const { io, text } = terminal()
  assert.equal(await docs(['--check'], io, folder), 1)
  assert.match(text(), /configuration\.md is not what the code says; run: npm run docs/)
})

test('without a flag the documents are printed and nothing is written', async (t) => {
  const folder = temporaryFolder(t)
  const { io, text } = terminal()
  assert.equal(await docs([], io, folder), 0)
  assert.match(text(), /# Configuration\n[\s\S]*# Metrics\n/)
  assert.deepEqual(readdirSync(folder), [])
})
