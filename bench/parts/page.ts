// The status page of a service with many partitions and dead letters in a real Chromium, while it is live: frames,
// long tasks, the time to the first paint, the size. An empty page in the same browser shows what the machine adds.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { startChromium } from '../../dev/browser/chromium.ts'
import { VIEWS } from '../../dev/browser/views.ts'
import { sleep } from '../../src/kernel/lifecycle.ts'
import { letterTargetOf } from '../../test/support/letter-target.ts'
import { letterOf, recordAt } from '../../test/support/letters.ts'
import { GOALS } from '../goals.ts'
import { printTable, type Verdict } from '../report.ts'
import { LONG, type Smoothness, watchFrames } from '../smoothness.ts'
import { startWatched } from '../watched.ts'

export interface PageOptions {
  readonly brokers: string
  readonly partitions: number
  readonly letters: number
  readonly seconds: number
  createTopic(name: string, partitions: number): Promise<void>
}

const TOPIC = 'looked-at'
const TOKEN = 'a-token-of-the-benchmark'
/** As many as the page lists. */
const KINDS = 500
const OPENINGS = 10
/** Milliseconds after which all partitions are assigned, and what starting up has left is done. */
const SETTLING = 20_000
/** Pixels of a turn of the wheel, and milliseconds between two. */
const [TURN, BETWEEN] = [120, 40]

export async function comparePage(options: PageOptions): Promise<readonly Verdict[]> {
  const { brokers, partitions, letters, createTopic } = options
  const folder = mkdtempSync(join(tmpdir(), 'bench-page-'))
  const env = {
    ...{ OCC_DEAD_LETTERS_FILE_FOLDER: join(folder, 'letters') },
    OCC_ADMIN_TOKEN_FILE: join(folder, 'token'),
  }
  writeFileSync(env.OCC_ADMIN_TOKEN_FILE, TOKEN)
  const kafka = { KAFKA_BOOTSTRAP_SERVERS: brokers, KAFKA_TOPICS: TOPIC, KAFKA_GROUP_ID: TOPIC }
  await keepLetters({ ...env, ...kafka }, letters)
  const watched = await startWatched({ brokers, topic: TOPIC, partitions, env, createTopic })
  try {
    await sleep(SETTLING)
    return report(options, await lookAt(`http://127.0.0.1:${watched.port}`, TOKEN, options))
  } finally {
    await watched.close()
    rmSync(folder, { recursive: true })
  }
}

interface Looked {
  /** An empty page comes first. */
  readonly rows: ReadonlyMap<string, Smoothness>
  /** Milliseconds until something was painted. */
  readonly paint: number
  /** Of the page and its files, as they came over the wire. */
  readonly bytes: number
}

/** Does with the page what people do. */
export async function lookAt(
  url: string,
  token: string,
  { partitions, letters, seconds }: Pick<PageOptions, 'partitions' | 'letters' | 'seconds'>,
): Promise<Looked> {
  const browser = await startChromium()
  try {
    const page = await browser.newPage(VIEWS.light)
    const during = await watchFrames(page)
    const rows = new Map<string, Smoothness>()
    const look = async (what: string, act: () => Promise<unknown>) =>
      rows.set(what, await during(act))
    await page.goto('about:blank')
    await look('an empty page', () => sleep(seconds * 1000))
    await page.goto(`${url}/`)
    await page.locator('#live.on').waitFor()
    await page
      .locator('.strip a')
      .nth(partitions - 1)
      .waitFor()
    const { paint, bytes } = await loaded(page)
    await look('live', () => sleep(seconds * 1000))
    await look('scrolled', () => scroll(page, seconds))
    await look(`${OPENINGS} partitions opened`, () => openPartitions(page))
    await look(`${letters} letters opened`, () => openLetters(page, token))
    await look('letters scrolled', () => scroll(page, seconds))
    await page.goto(`${url}/page/partitions`)
    await look('all partitions scrolled', () => scroll(page, seconds))
    return { rows, paint, bytes }
  } finally {
    await browser.close()
  }
}

/** As a service would have kept them: of as many kinds as are listed. */
async function keepLetters(env: Readonly<Record<string, string>>, count: number): Promise<void> {
  const { target, group } = letterTargetOf(env)
  const kept = Array.from({ length: count }, (_, offset) => {
    const record = recordAt(offset, { topic: TOPIC, partition: offset % 100 })
    return target.keep(letterOf(offset, { record, group, handler: `handler-${offset % KINDS}` }))
  })
  await Promise.all(kept)
  await target.close()
}

function loaded(page: Page): Promise<Pick<Looked, 'paint' | 'bytes'>> {
  return page.evaluate(`(() => {
    const [painted] = performance.getEntriesByName('first-contentful-paint')
    const [page] = performance.getEntriesByType('navigation')
    const files = performance.getEntriesByType('resource')
    return {
      paint: painted?.startTime ?? NaN,
      bytes: [page, ...files].reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
    }
  })()`)
}

/** Down and up again, as a hand does at a wheel. */
async function scroll(page: Page, seconds: number): Promise<void> {
  await page.mouse.move(620, 430)
  const end = performance.now() + seconds * 1000
  for (let turn = 0; performance.now() < end; turn++) {
    await page.mouse.wheel(0, turn % 40 < 20 ? TURN : -TURN)
    await sleep(BETWEEN)
  }
}

async function openPartitions(page: Page): Promise<void> {
  for (let index = 0; index < OPENINGS; index++) {
    await page
      .locator('.strip a')
      .nth(index * 7)
      .click()
    await page.locator('dialog #partition').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('dialog').waitFor({ state: 'detached' })
  }
}

async function openLetters(page: Page, token: string): Promise<void> {
  await page.getByRole('button', { name: 'All letters …' }).click()
  await page.locator('input[name=token]').fill(token)
  await page.keyboard.press('Enter')
  await page.locator('#all-letters .letters').waitFor()
}

function report(
  { partitions, letters, seconds }: PageOptions,
  { rows, paint, bytes }: Looked,
): Verdict[] {
  const whole = (value: number) => String(Math.round(value))
  printTable(
    `the status page with ${partitions} partitions, ${letters} dead letters, 100 records/s, ${seconds} s each`,
    [
      ...['', 'frames', `> ${LONG} ms`, 'longest frame, ms', 'longest task, ms'],
      'main thread, ms/s',
    ],
    Array.from(rows, ([what, { frames, long, longestFrame, longestTask, busy }]) => [
      ...[what, whole(frames), whole(long), whole(longestFrame)],
      longestTask === 0 ? `< ${LONG}` : whole(longestTask),
      whole(busy),
    ]),
  )
  console.log(`first paint after ${whole(paint)} ms; ${whole(bytes / 1000)} kB over the wire\n`)
  const [empty, ...others] = rows.values()
  const [share, ofEmpty] = [longPercent(others), longPercent(empty === undefined ? [] : [empty])]
  const { mostLongPercent, belowKB } = GOALS.page
  return [
    {
      what: `page, ${partitions} partitions, ${letters} letters: frames > ${LONG} ms`,
      target: `<= ${mostLongPercent} %`,
      measured: `${share.toFixed(2)} % (an empty page: ${ofEmpty.toFixed(2)} %)`,
      reached: share <= mostLongPercent,
    },
    {
      what: `page, ${partitions} partitions: all files, compressed`,
      target: `< ${belowKB} kB`,
      measured: `${whole(bytes / 1000)} kB`,
      reached: bytes < belowKB * 1000,
    },
  ]
}

function longPercent(all: readonly Smoothness[]): number {
  const sum = (of: (each: Smoothness) => number) => all.reduce((total, each) => total + of(each), 0)
  return (100 * sum(({ long }) => long)) / sum(({ frames }) => frames)
}
