import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { pauseReport } from '../../../src/kernel/shapes/pause-report.ts'
import type { PartitionOverview } from '../../../src/observe/overview/types.ts'
import { overview, partitionFacts, partitionOverview } from '../../support/overview.ts'
import { pauseOf } from '../../support/status.ts'
import { serve } from './serve.ts'
import { saidBy } from './serve-page.ts'

const TOPIC = 'solana.transfers'
const HOSTILE = `<script>alert(1)</script>"'&`

async function pageOf(t: TestContext, partition: PartitionOverview, options = {}) {
  const { state, request } = await serve(t, { page: true, ...options })
  state.overview = overview({ partitions: [partition] })
  return {
    state,
    async get(path = `/page/partitions/${TOPIC}/0`) {
      const response = await request(path)
      const text = await response.text()
      return { response, text, shown: saidBy(text) }
    },
  }
}

test('a partition has a page: its offsets, its oldest record, its owner, its replay', async (t) => {
  const oldest = {
    ...{ offset: 101, attempt: 3, state: 'waiting' as const },
    ...{ handlers: [], handler: 'whale-alert', code: 'OCC_HANDLER_FAILED' },
  }
  const facts = partitionFacts({
    ...{ oldest, oldestInFlightSeconds: 12, committed: 1_200, replay: { from: 1_000, to: 5_000 } },
  })
  const { get, state } = await pageOf(t, partitionOverview({ word: 'behind', facts }))
  const { text, shown, response } = await get()
  assert.match(response.headers.get('content-security-policy') ?? '', /^default-src 'none'/)
  for (const expected of [
    `${TOPIC}/0`,
    'Committed 1,200',
    'offset 101, attempt 3, for 12.0 s: waits for its next attempt; whale-alert failed with OCC_HANDLER_FAILED',
    'consumer-0 of pod transfers-0',
    '200 of 4,000 records, up to offset 5,000',
  ]) {
    assert.ok(shown.includes(expected), `${expected}: ${shown}`)
  }
  assert.match(text, /<progress[^>]* max="4000" value="200">/)
  const first = { ...oldest, attempt: 1, state: 'running' as const, handler: null, code: null }
  const running = partitionFacts({
    ...{ oldest: { ...first, handlers: ['whale-alert'] }, oldestInFlightSeconds: 12 },
  })
  state.overview = overview({ partitions: [partitionOverview({ facts: running })] })
  assert.match((await get()).shown, /attempt 1, for 12\.0 s: is being handled by whale-alert/)
  assert.doesNotMatch(text, /data-act/)
})

test('it names the pauses that hold it, and no others', async (t) => {
  const { get, state } = await pageOf(t, partitionOverview({ word: 'held' }), { pageActions: true })
  const pauses = [
    pauseOf({ topic: TOPIC }, { by: 'alice', reason: HOSTILE }),
    pauseOf({ topic: TOPIC, partition: 0 }),
    pauseOf({ topic: TOPIC, partition: 1 }),
    pauseOf({ topic: 'tron.transfers' }),
    pauseOf({ handler: 'whale-alert' }),
  ]
  state.overview = { ...state.overview, pauses: pauses.map(pauseReport) }
  const { text } = await get()
  const resumed = [...text.matchAll(/data-act="resume"[^>]*aria-label="Resume ([^"]*)"/g)]
  assert.deepEqual(
    resumed.map(([, name]) => name),
    [`the topic ${TOPIC}`, `partition 0 of ${TOPIC}`, 'the handler whale-alert'],
  )
  assert.ok(!text.includes('<script>alert') && !text.includes(`"'&`))
})

test('of a partition of another pod it says what is not known, and can still act', async (t) => {
  const other = partitionOverview({ word: 'not mine', facts: null })
  const { get } = await pageOf(t, other, { pageActions: true })
  const { shown, text } = await get()
  assert.match(shown, /Another pod of the group has it, or nobody/)
  assert.match(text, /data-act="rewind" data-topic="solana\.transfers" data-partition="0"/)
})

const SAID = {
  ...{ pod: HOSTILE, address: '10.0.0.2:8080', at: '2026-01-31T12:00:00.000Z', ageSeconds: 2 },
  word: 'growing' as const,
}

test('of a partition of a pod that answers it shows what that pod says, and whose it is', async (t) => {
  const facts = partitionFacts({
    ...{ inFlight: 5, oldestInFlightSeconds: 12, oldest: null, replay: null, committed: 77 },
  })
  const told = { ...SAID, isCurrent: true, facts }
  const { get } = await pageOf(t, partitionOverview({ word: 'not mine', facts: null, told }))
  const { shown, text } = await get()
  assert.match(shown, /growing.* Committed 77 .*Oldest in flight for 12\.0 s .* of pod &lt;script/)
  assert.match(shown, /2\.0 s ago\. Its own page says how far a replay is/)
  assert.doesNotMatch(shown, /of pod transfers-0|not mine|or nobody|in flight none/)
  assert.ok(!text.includes('<script>alert'))
})

test('of a partition of a silent pod it says what that said last, and knows nothing else', async (t) => {
  const told = { ...SAID, pod: 'transfers-1', isCurrent: false, facts: partitionFacts() }
  const { get } = await pageOf(t, partitionOverview({ word: 'unknown', facts: null, told }))
  const { shown } = await get()
  assert.match(shown, /It does not answer now: transfers-1 said 2\.0 s ago: growing, /)
  assert.doesNotMatch(shown, /Committed|In flight|Owner/)
})

test('a handler with a group of its own has partitions of its own; what is not there is not found', async (t) => {
  const own = partitionOverview({ group: 'a b/c', facts: partitionFacts({ member: HOSTILE }) })
  const { get } = await pageOf(t, own, { pageActions: true })
  const { response, text } = await get(`/page/partitions/${TOPIC}/0?group=a%20b%2Fc`)
  assert.equal(response.status, 200)
  assert.match(
    text,
    /data-act="pause" data-topic="solana\.transfers" data-partition="0" data-group="a b\/c"/,
  )
  assert.ok(!text.includes('<script>alert'))
  for (const path of [
    `/page/partitions/${TOPIC}/0`,
    `/page/partitions/${TOPIC}/x`,
    '/page/partitions/none/0',
  ]) {
    assert.equal((await get(path)).response.status, 404, path)
  }
})
