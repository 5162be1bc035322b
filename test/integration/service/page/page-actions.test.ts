import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Page } from 'playwright-core'
import { VIEWS } from '../../../../dev/browser/views.ts'
import { folder } from '../../../unit/config/support.ts'
import { numbered, until, useKafka } from '../../harness.ts'
import { plainEnvironment, startService } from '../process.ts'
import { accessibility, useBrowser } from './browser.ts'

const embedded = useKafka()
const { open } = useBrowser()
const TOKEN = 'alice-has-a-long-token'
const READER = 'rita-has-a-long-token'
/** The browser says so of each answer that is no success. */
const REFUSED = /^Failed to load resource: .*status of 4\d\d/

interface Partition {
  readonly lag: number | null
  readonly end: number | null
}

/** A service that has handled all there is. */
async function start(t: TestContext, topic: string) {
  const files = folder(t, { token: `alice: ${TOKEN}\n`, reader: `rita: ${READER}\n` })
  await embedded.createTopic(topic, 2)
  await embedded.send(
    topic,
    numbered(40).map((value, index) => ({
      value: JSON.stringify({ value }),
      partition: index % 2,
    })),
  )
  const service = startService(t, {
    ...plainEnvironment(t, embedded.kafka, topic),
    OCC_ADMIN_TOKEN_FILE: join(files, 'token'),
    OCC_ADMIN_READ_TOKEN_FILE: join(files, 'reader'),
  })
  await service.ready()
  await service.recorded(40)
  const url = await service.url()
  const lag = async () => JSON.parse((await service.get('/lag')).body)
  const partitions = async () => (await lag()).partitions as readonly Partition[]
  await until(
    async () => (await partitions()).every(({ lag, end }) => lag === 0 && (end ?? 0) > 0),
    'everything to be committed',
  )
  // A slow broker may get some records twice.
  const ends = (await partitions()).map(({ end }) => end ?? 0)
  return { service, url, lag, ends, handled: service.records().length }
}

const dialogs = (page: Page) => page.locator('dialog[open]')
const top = (page: Page) => dialogs(page).last()
const press = (page: Page, name: string) =>
  top(page).getByRole('button', { name, exact: true }).click()
const said = (page: Page, text: string) =>
  page.locator('[data-said], #acted').filter({ hasText: text }).first().waitFor()
const shown = (page: Page, text: string) =>
  page.locator('#partition').filter({ hasText: text }).waitFor()

/** By keyboard alone: to an element with Tab, from wherever the focus is. @param name its label or text */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let steps = 0; steps < 60; steps++) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate(
      '((on) => on.ariaLabel ?? on.labels?.[0]?.textContent ?? on.textContent)(document.activeElement)',
    )
    if (name.test(String(focused))) return
  }
  assert.fail(`Tab does not get to ${name}`)
}

test('an operator pauses, rewinds and resumes on the page, by keyboard alone', async (t) => {
  const topic = 'operated'
  const { service, url, lag, ends, handled } = await start(t, topic)
  const end = ends[1]
  const { page, complaints, foreign } = await open(t, `${url}/`, VIEWS.light)
  const { keyboard } = page
  await page.locator('#live.on').waitFor()
  await tabTo(page, /^Operate$/)
  await keyboard.press('Enter')
  await keyboard.type('nobody-has-this-token')
  await keyboard.press('Enter')
  await said(page, 'Unauthorized: not authorized: the token is wrong')
  assert.deepEqual(await accessibility(page), [])
  await keyboard.press('Control+A')
  await keyboard.type(TOKEN)
  await keyboard.press('Enter')
  await page.locator('html.operating').waitFor()
  assert.equal(await dialogs(page).count(), 0)

  await tabTo(page, /^operated\/1$/)
  await keyboard.press('Enter')
  await shown(page, 'operated/1')
  assert.deepEqual(await accessibility(page), [])
  await tabTo(page, /^Pause …$/)
  await keyboard.press('Enter')
  await tabTo(page, /^Why/)
  await keyboard.type('the index is built anew')
  assert.deepEqual(await accessibility(page), [])
  await keyboard.press('Enter')
  await shown(page, 'held: operator')
  await page.locator('#partitions a.w-held').waitFor({ state: 'attached' })
  const { pauses } = await lag()
  assert.deepEqual(
    [pauses.length, pauses[0].partition, pauses[0].by, pauses[0].reason],
    [1, 1, 'alice', 'the index is built anew'],
  )

  await tabTo(page, /^Set the offset …$/)
  await keyboard.press('Enter')
  await tabTo(page, /^To/)
  await keyboard.type('the first')
  await tabTo(page, /^Show the plan$/)
  await keyboard.press('Enter')
  await top(page).locator('tbody tr').waitFor()
  const planned = await top(page).locator('tbody tr').innerText()
  assert.deepEqual(planned.split(/\s+/).slice(0, 5), ['operated/1', `${end}`, '0', `${end}`, '0'])
  assert.deepEqual(await accessibility(page), [])
  assert.equal((await lag()).partitions[1].committed, end, 'a plan changes nothing')
  await tabTo(page, /^Set the offset$/)
  await keyboard.press('Enter')
  await said(page, 'The offset is set.')
  await shown(page, `0 of ${end} records, up to offset ${end}`)
  assert.deepEqual(await accessibility(page), [])
  assert.equal(service.records().length, handled)

  await tabTo(page, /^Resume partition 1 of operated$/)
  await keyboard.press('Enter')
  await keyboard.press('Enter')
  await service.recorded(handled + Number(end))
  const again = service.records().slice(handled)
  assert.deepEqual(new Set(again.map(({ partition }) => partition)), new Set([1]))
  await page.locator('#partition progress').waitFor({ state: 'detached' })
  const audit = await service.logged(({ event }) => event === 'admin.offsets-set', 'the audit')
  assert.deepEqual(
    [audit['who'], audit['changes']],
    ['alice', [{ topic, partition: 1, before: end, after: 0 }]],
  )
  await keyboard.press('Escape')
  assert.equal(await dialogs(page).count(), 0)
  assert.deepEqual([complaints.filter((each) => !REFUSED.test(each)), foreign], [[], []])
  assert.doesNotMatch(JSON.stringify(service.lines), new RegExp(TOKEN))
})

test('a replay is cancelled, a change is undone; a reader, a page without a script and another origin change nothing', async (t) => {
  const topic = 'undone'
  const { service, url, lag, ends, handled } = await start(t, topic)
  const end = Number(ends[0])
  const { page } = await open(t, `${url}/`, VIEWS.phone)
  const state = async () => {
    const { partitions } = await lag()
    return [partitions[0].committed, partitions[0].replay?.to ?? null]
  }
  const give = async (token: string) => {
    await page.locator('#operate').click()
    await page.locator('input[name=token]').fill(token)
    await press(page, 'Use it')
    await page.locator('html.operating').waitFor()
  }
  await give(READER)
  await page.locator('.strip a').first().click()
  await page.locator('#act-pause').click()
  await press(page, 'Pause')
  await said(page, 'Forbidden: this token may only read')
  await press(page, 'Cancel')
  await press(page, 'Close')
  await page.locator('#forget').click()
  await give(TOKEN)
  await page.locator('.strip a').first().click()
  await page.locator('#act-pause').click()
  await press(page, 'Pause')
  await shown(page, 'held: operator')

  const back = async () => {
    await page.locator('#act-rewind').click()
    await top(page).locator('select[name=where]').selectOption('back')
    await top(page).locator('input[name=value]').fill(String(end))
    await press(page, 'Show the plan')
    await press(page, 'Set the offset')
    await shown(page, `0 of ${end} records`)
    assert.deepEqual(await state(), [0, end])
  }
  await back()
  await page.locator('#act-cancel').click()
  await press(page, 'Set the offset')
  await page.locator('#partition progress').waitFor({ state: 'detached' })
  assert.deepEqual(await state(), [end, null])
  await back()
  await page.locator('#act-undo').click()
  await press(page, 'Set the offset')
  await page.locator('#partition progress').waitFor({ state: 'detached' })
  assert.deepEqual(await state(), [end, null])
  assert.equal(service.records().length, handled)
  await press(page, 'Close')

  const plain = await open(t, `${url}/page/partitions/${topic}/0`, { javaScriptEnabled: false })
  await shown(plain.page, 'Paused by operators')
  assert.equal(await plain.page.locator('button:visible').count(), 0)

  await page.locator('#pauses-now').click()
  await press(page, `Resume partition 0 of ${topic}`)
  await press(page, 'Resume')
  await top(page).filter({ hasText: 'Nothing is paused.' }).waitFor()
  const other = await page.context().newPage()
  const origin = await elsewhere(t, `${url}/api/v1/pause`, topic)
  await other.goto(origin)
  const [answer] = await Promise.all([
    other.waitForResponse(`${url}/api/v1/pause`),
    other.locator('button').click(),
  ])
  assert.equal(answer.status(), 401)
  await other.waitForURL(`${url}/api/v1/pause`)
  await other.goto(origin)
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
  const order = { method: 'POST', headers, body: JSON.stringify({ topic }) }
  const scripted = `fetch(${JSON.stringify(`${url}/api/v1/pause`)}, ${JSON.stringify(order)})`
  assert.equal(await other.evaluate(`${scripted}.then(() => 'done', () => 'refused')`), 'refused')
  assert.deepEqual((await lag()).pauses, [])
})

/** A page of another origin, with a form that pauses the topic if it can. */
async function elsewhere(t: TestContext, action: string, topic: string): Promise<string> {
  const form = `<!doctype html><form method="post" enctype="text/plain" action="${action}"><input name='{"topic":"${topic}","reason":"' value='"}'><button>Win</button></form>`
  const server = createServer((_, response) =>
    response.setHeader('content-type', 'text/html').end(form),
  )
  t.after(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}
