import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Page, Route } from 'playwright-core'
import { VIEWS } from '../../../../dev/browser/views.ts'
import type { TapSource } from '../../../../src/http/api/tap.ts'
import { overview, partitionFacts, partitionOverview } from '../../../support/overview.ts'
import { serve } from '../../../unit/http/serve.ts'
import { useBrowser } from './browser.ts'

const { open } = useBrowser()
const NO_RECORDS: TapSource = {
  hidesValues: false,
  problem: () => null,
  filter: () => ({ filter: null }),
  join: () => () => {},
}
const TOPIC = 'solana.transfers'
const COMMITTED = { topic: TOPIC, partition: 0, committed: 100, move: null }
const PLAN = {
  ...{ ...COMMITTED, offset: 90, replay: 10, skip: 0, deleted: 0, beyond: 0 },
  ...{ time: null, owner: null, seconds: null },
}

/** The page of a pod whose API answers as the test says. */
async function pageOf(t: TestContext, answers: (path: string, route: Route) => unknown, path = '') {
  const { state, port } = await serve(t, { page: true, pageActions: true, tap: NO_RECORDS })
  state.overview = overview({ partitions: [partitionOverview({ partition: 0 })] })
  const { page } = await open(t, `http://127.0.0.1:${port}/${path}`)
  await page.route('**/api/v1/**', async (route) => {
    const answer = await answers(
      route
        .request()
        .url()
        .replace(/^.*\/api\/v1\//, ''),
      route,
    )
    if (answer === null) await route.abort()
    else await route.fulfill({ json: answer ?? {} })
  })
  return page
}

async function operate(page: Page, token = 'a-token-that-nobody-guesses') {
  await page.getByRole('button', { name: 'Operate' }).first().click()
  await page.locator('input[name=token]').fill(token)
  await page.keyboard.press('Enter')
}

test('a token that no header can hold is told from a pod that does not answer', async (t) => {
  const page = await pageOf(t, () => ({}))
  await operate(page, 'a-token… of mine')
  await page.getByText('That is no token').waitFor()
})

test('a dialog that is closed while its work goes on: what came of it is said, and can be undone', async (t) => {
  const asked = Promise.withResolvers<void>()
  const set = Promise.withResolvers<void>()
  const page = await pageOf(
    t,
    async (_, route) => {
      const body = route.request().postDataJSON()
      if (body?.plan === undefined) return { group: 'g', partitions: [PLAN], left: [] }
      asked.resolve()
      await set.promise
      const undo = { partitions: [{ topic: TOPIC, partition: 0, offset: 100 }] }
      return { group: 'g', applied: [PLAN], refused: [], undo }
    },
    `page/partitions/${TOPIC}/0`,
  )
  await operate(page)
  await page.getByRole('button', { name: 'Set the offset …' }).click()
  await page.locator('input[name=value]').fill('10m')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Set the offset', exact: true }).click()
  await asked.promise
  await page.keyboard.press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
  set.resolve()
  await page.locator('#acted').getByText('The offset is set.').waitFor()
  await page.getByRole('button', { name: 'Undo …' }).waitFor()
})

test('without the token the tap is closed, and its records are gone', async (t) => {
  const page = await pageOf(t, () => ({}))
  const record = { topic: TOPIC, partition: 0, offset: 7, time: null, handlers: [], events: [] }
  const data = JSON.stringify({ ...record, moreEvents: 0, value: 'a secret' })
  const hangs = Promise.withResolvers<void>()
  t.after(() => hangs.resolve())
  let opened = 0
  await page.route('**/api/v1/tap?*', async (route) => {
    if (++opened > 1) await hangs.promise
    await route.fulfill({
      contentType: 'text/event-stream',
      body: `event: record\ndata: ${data}\n\n`,
    })
  })
  await operate(page)
  const open = page.getByRole('button', { name: 'Open the tap' })
  await open.click()
  await page.getByText('a secret').waitFor()
  await open.click()
  await page.getByText('Opening...').waitFor()
  await page.getByRole('button', { name: 'Forget the token' }).click()
  await page.getByText('Closed.').waitFor()
  assert.equal(await page.getByText('a secret').count(), 0)
})

test('a redrive is followed to its end, although the pod did not answer in between', async (t) => {
  const work = { action: 'redrive', state: 'running', by: 'alice', wanted: 10, refused: 0 }
  const rest = { startedAt: new Date().toISOString(), reasons: [], error: null }
  const looks: Array<object | null> = [
    { work: { ...work, ...rest, done: 1 } },
    null,
    null,
    { work: { ...work, ...rest, done: 10, state: 'done' } },
  ]
  const page = await pageOf(t, (path) => {
    if (path === 'dead-letters/redrive') return looks.length > 1 ? looks.shift() : looks[0]
    if (path === 'dead-letters/drop') return { work: null }
    const none = { letters: 0, others: 0, more: 0, cut: null }
    return { ...none, places: [{ name: 'the folder' }], kinds: [] }
  })
  await operate(page)
  await page.getByRole('button', { name: 'All letters …' }).click()
  await page.getByText('how far it is, the pod does not say').waitFor()
  await page.getByText('Done: 10 of 10 redriven.').waitFor()
  assert.equal(await page.locator('input[name=token]').count(), 0)
})

test('what changes is renewed; the rest of the page stays, with its focus and where it was scrolled to', async (t) => {
  const { state, port } = await serve(t, { page: true })
  const partitions = [0, 1, 2].map((partition) =>
    partitionOverview({ partition, facts: partitionFacts({ lag: 90 - partition }) }),
  )
  state.overview = overview({ partitions })
  const { page, complaints } = await open(t, `http://127.0.0.1:${port}/`, VIEWS.phone)
  await page.locator('#live.on').waitFor()
  const link = page.locator('#partitions tbody a').nth(2)
  await link.focus()
  await page.evaluate(`document.querySelector('#partitions .scroll').scrollLeft = 30
document.querySelector('.strip a').isTheSame = true`)
  const stalled = partitionOverview({ partition: 2, word: 'stalled' })
  state.overview = overview({ partitions: [...partitions.slice(0, 2), stalled] })
  await page.locator('.strip a.w-stalled').waitFor()
  const seen = await page.evaluate(`({
    rows: [...document.querySelectorAll('#partitions tbody a')].map(({ textContent }) => textContent.at(-1)),
    focused: document.activeElement.textContent,
    scrolled: document.querySelector('#partitions .scroll').scrollLeft,
    isTheSame: document.querySelector('.strip a').isTheSame,
  })`)
  const kept = { focused: `${TOPIC}/2`, scrolled: 30, isTheSame: true }
  assert.deepEqual(seen, { rows: ['2', '0', '1'], ...kept })
  state.overview = overview({ partitions: [partitions[0] ?? stalled] })
  await page.locator('.strip a').nth(1).waitFor({ state: 'detached' })
  assert.equal(await page.locator('#partitions tbody tr').count(), 1)
  assert.deepEqual(complaints, [])
})
