import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { VIEWS } from '../../../../dev/browser/views.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { useKafka } from '../../harness.ts'
import { startAdministered, TOKEN } from '../administered.ts'
import { plainEnvironment } from '../process.ts'
import { accessibility, useBrowser } from './browser.ts'

const embedded = useKafka()
const { open } = useBrowser()

test('in a browser: what a handler has and what waits for it; until when an operator has paused it', async (t) => {
  const topic = 'handled-slowly'
  await embedded.createTopic(topic, 4)
  const folder = temporaryFolder(t)
  const path = join(folder, 'never.mjs')
  await writeFile(
    path,
    "export default { name: 'never', handle: (_, { signal }) => new Promise((_, no) => signal.addEventListener('abort', no)) }",
  )
  const config = join(folder, 'config.yaml')
  await writeFile(config, JSON.stringify({ handlers: [{ path, concurrency: 1, timeout: '10m' }] }))
  const env = plainEnvironment(t, embedded.kafka, topic)
  const { service } = await startAdministered(t, env, ['--config', config])
  await embedded.send(
    topic,
    [0, 1, 2, 3].map((partition) => ({ value: '{"n":1}', partition })),
  )
  const url = `${await service.url()}/`
  const { page, complaints, foreign } = await open(t, url, VIEWS.light)
  const row = page.locator('#handlers tbody tr')
  const cell = async (name: string) => {
    const names = await page.locator('#handlers thead th').allInnerTexts()
    return row.locator('th, td').nth(names.indexOf(name))
  }
  await (await cell('In flight')).filter({ hasText: /^1$/ }).waitFor()
  await (await cell('Waiting')).filter({ hasText: /^3$/ }).waitFor()
  await page
    .locator('#handlers')
    .filter({ hasText: /In this pod: 4 of at most/ })
    .waitFor()
  assert.equal(await page.locator('#paused').isVisible(), false)

  const response = await fetch(`${url}api/v1/pause`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ handler: 'never', for: '30m', reason: 'the ledger is closed' }),
  })
  assert.equal(response.status, 200, await response.text())
  await (await cell('Circuit')).filter({ hasText: /^held until \d{4}-\d\d-\d\d .* UTC$/ }).waitFor()
  const said = /the handler never, by .*, until \d{4}-\d\d-\d\d .* UTC: the ledger is closed/
  await page.locator('#paused').filter({ hasText: said }).waitFor()
  assert.deepEqual([await accessibility(page), complaints, foreign], [[], [], []])
})
