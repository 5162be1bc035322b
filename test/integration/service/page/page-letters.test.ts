import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { VIEWS } from '../../../../dev/browser/views.ts'
import { CodedError } from '../../../../src/kernel/errors.ts'
import { letterTargetOf } from '../../../support/letter-target.ts'
import { letterOf, recordAt } from '../../../support/letters.ts'
import { recordsOf } from '../../../support/records/topic-records.ts'
import { until } from '../../../support/waiting.ts'
import { useKafka } from '../../harness.ts'
import { startAdministered, TOKEN, withIdleHandler } from '../administered.ts'
import { plainEnvironment } from '../process.ts'
import { accessibility, useBrowser } from './browser.ts'

const embedded = useKafka()
const browser = useBrowser()
/** `LETTERS=10000` for the figures of docs/page.md; `PICTURES=FOLDER` for pictures. */
const LETTERS = Number(process.env['LETTERS'] ?? 300)
const PICTURES = process.env['PICTURES']

test('in a browser: all letters by kind, redriven at a rate with its progress, dropped, gone', async (t) => {
  const topic = 'page-letters'
  await embedded.createTopic(topic, 2)
  const env = plainEnvironment(t, embedded.kafka, topic)
  const { target: kept, group } = letterTargetOf(env)
  await Promise.all(
    Array.from({ length: LETTERS }, (_, offset) => {
      const value = Buffer.from(JSON.stringify({ offset }))
      const record = recordAt(offset, { topic, partition: offset % 2, value })
      const error = new CodedError(
        'OCC_HANDLER',
        `refused: <b>${offset}</b>, the amount is missing`,
      )
      const failed = offset % 3 === 0 ? { error, handler: 'whale' } : {}
      return kept.keep(letterOf(offset, { record, group, ...failed }))
    }),
  )
  await kept.close()
  const { service } = await startAdministered(t, env, await withIdleHandler(t, 'whale'))
  const url = `${await service.url()}/`

  const views = [VIEWS.dark, VIEWS.phone, VIEWS.light]
  for (const [index, view] of views.entries()) {
    const { page, complaints, foreign } = await browser.open(t, url, view)
    const picture = async (name: string) => {
      if (PICTURES === undefined) return
      mkdirSync(PICTURES, { recursive: true })
      await page.screenshot({ path: join(PICTURES, `${name}-${index}.png`) })
    }
    const button = (name: string | RegExp) => page.getByRole('button', { name })
    await button('All letters …').click()
    await page.locator('input[name=token]').fill(TOKEN)
    await page.keyboard.press('Enter')
    const list = page.locator('#all-letters')
    await list.waitFor()
    const ofWhale = Math.ceil(LETTERS / 3)
    const number = (count: number) => count.toLocaleString('en-US')
    await list.getByText(`${number(LETTERS)} dead letters in the folder`).waitFor()
    await list.getByText('refused: <b>').waitFor()
    await picture('list')
    assert.deepEqual(await accessibility(page), [])

    await list.getByRole('button', { name: /^Redrive .*whale/ }).click()
    const dialog = page.getByRole('dialog', { name: `Redrive ${number(ofWhale)} dead letters` })
    await dialog.waitFor()
    await picture('redrive')
    assert.deepEqual(await accessibility(page), [])
    const [width, wanted] = [
      await page.evaluate('document.documentElement.scrollWidth'),
      view.viewport.width,
    ]
    assert.equal(width, wanted, 'nothing sticks out')
    if (view !== VIEWS.light) {
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'hidden' })
      assert.deepEqual([complaints, foreign], [[], []])
      continue
    }

    // Slow enough to be seen on its way; then it is cancelled, and the others are sent at once.
    await dialog.getByLabel('Letters a second').fill('1')
    await page.keyboard.press('Enter')
    const bar = page.getByRole('progressbar')
    await bar.waitFor()
    await until(async () => Number(await bar.getAttribute('value')) > 0, 'the bar to move', 60_000)
    await picture('progress')
    await page.locator('#letter-work').getByRole('button', { name: 'Cancel' }).click()
    const cancelled = page.getByText(`of ${number(ofWhale)} redriven.`)
    await cancelled.waitFor()
    const [, first] = /^Cancelled: (\d+) of/.exec(await cancelled.innerText()) ?? []
    const rest = ofWhale - Number(first)
    const name = `Redrive ${number(rest)} dead letters`
    await list.getByRole('button', { name: new RegExp(`^${name}: .*whale`) }).click()
    const again = page.getByRole('dialog', { name })
    await again.getByLabel('Letters a second').fill('')
    await page.keyboard.press('Enter')
    await page.getByText(`Done: ${number(rest)} of ${number(rest)} redriven.`).waitFor()
    await list.getByText(`${number(LETTERS - ofWhale)} dead letters`).waitFor()
    assert.equal(await list.getByText('whale').count(), 0)
    await picture('redriven')

    await list.getByRole('button', { name: /^Drop .*OCC_JSON/ }).click()
    const left = number(LETTERS - ofWhale)
    const drop = page.getByRole('dialog', { name: `Drop ${left} dead letters` })
    await drop.getByRole('button', { name: `Drop ${left}`, exact: true }).click()
    await list.getByText(/^None in the folder/).waitFor()
    assert.deepEqual([complaints, foreign], [[], []])
    const sent = (await recordsOf(embedded.broker, topic)).map(({ value }) => String(value))
    assert.deepEqual([sent.length, new Set(sent).size], [ofWhale, ofWhale])
  }
})
