import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { VIEWS } from '../../../../dev/browser/views.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { numbered, useOwnKafka } from '../../harness.ts'
import { plainEnvironment, startService } from '../process.ts'
import { accessibility, useBrowser } from './browser.ts'

const embedded = useOwnKafka()
const { open } = useBrowser()

const sentence = (page: Page) => page.locator('#sentence h1')
const says = (page: Page, text: string) => sentence(page).filter({ hasText: text }).waitFor()

test('in a browser: the sentence, live, in all its forms, and what becomes of it without brokers', async (t) => {
  const topic = 'seen'
  await embedded.createTopic(topic, 4)
  await embedded.send(topic, [
    ...numbered(200).map((value, index) => ({
      value: JSON.stringify({ value }),
      partition: index % 4,
    })),
    { value: '<b>this is no JSON</b>', partition: 0 },
    { value: '{"fine":true}', partition: 0 },
  ])
  const handler = join(temporaryFolder(t), 'watch.mjs')
  await writeFile(handler, `export default { name: 'watch', handle() {} }`)
  const config = join(temporaryFolder(t), 'config.yaml')
  await writeFile(config, JSON.stringify({ handlers: [{ path: handler }] }))
  const env = plainEnvironment(t, embedded.kafka, topic)
  const service = startService(t, env, ['--config', config])
  await service.ready()
  const url = `${await service.url()}/`

  const { page, complaints, foreign } = await open(t, url, VIEWS.light)
  await says(page, 'Keeping up: nothing waits')
  await page.locator('#live.on').waitFor()
  await page.locator('#letters code', { hasText: 'OCC_' }).first().waitFor()
  assert.equal(await page.locator('.strip a.w-ok').count(), 4)
  assert.match(await page.locator('#handlers').innerText(), /watch\s+closed/)
  assert.deepEqual(await accessibility(page), [])
  for (const view of [VIEWS.dark, VIEWS.phone]) {
    const other = await open(t, url, view)
    await says(other.page, 'Keeping up')
    assert.deepEqual(await accessibility(other.page), [])
    const [width, wanted] = [
      await other.page.evaluate('document.documentElement.scrollWidth'),
      view.viewport.width,
    ]
    assert.equal(width, wanted, 'nothing sticks out')
    assert.deepEqual([other.complaints, other.foreign], [[], []])
  }

  const plain = await open(t, url, { javaScriptEnabled: false })
  await says(plain.page, 'Keeping up: nothing waits')
  await plain.page.locator('.strip a').nth(2).click()
  await plain.page.locator('#partition', { hasText: `${topic}/2` }).waitFor()
  assert.deepEqual([plain.complaints, plain.foreign], [[], []])

  assert.deepEqual([complaints, foreign], [[], []])
  await embedded.kafka.kill()
  await says(page, 'No broker')
  const { sentence: said } = JSON.parse((await service.get('/api/v1/status')).body)
  assert.deepEqual([said.name, said.level], ['broker-lost', 'critical'])
  await embedded.kafka.start()
  await says(page, 'Keeping up')
  await service.end()
  await page.locator('#live', { hasText: 'Not live' }).waitFor()
})
