import assert from 'node:assert/strict'
import test from 'node:test'
import type { TapSource } from '../../../src/http/api/tap.ts'
import { pauseReport } from '../../../src/kernel/shapes/pause-report.ts'
import type { Overview } from '../../../src/observe/overview/types.ts'
import {
  numbers,
  overview,
  partitionFacts,
  partitionOverview,
  podOverview,
  toldOverview,
} from '../../support/overview.ts'
import { pauseOf } from '../../support/status.ts'
import { saidBy, servePage } from './serve-page.ts'

const HOSTILE = `<script>alert(1)</script>"'&`

test('the page says all of it without a script', async (t) => {
  const { page } = await servePage(t, {
    notes: [
      {
        name: 'dead-letters',
        level: 'warning',
        text: '214 records became dead letters',
        chapter: 'dead-letters',
      },
    ],
    letters: {
      kept: 214,
      waiting: 0,
      kinds: [
        {
          ...{ handler: 'whale-alert', code: 'OCC_HANDLER_FAILED', count: 214, sample: 't/7/99' },
          ...{ first: '2026-11-28T14:02:00.000Z', last: '2026-11-28T14:12:00.000Z' },
        },
      ],
    },
    sinks: [
      {
        name: 'slack',
        up: false,
        waiting: 3,
        valuesPerMinute: 0,
        errorsPerMinute: 4,
        p99Seconds: null,
      },
    ],
    advice: [{ kind: 'add-partitions', text: 'Add partitions to the topic.' }],
  })
  const { text } = await page()
  const shown = saidBy(text)
  for (const expected of [
    '214 records became dead letters docs/operations.md#dead-letters',
    'Behind 1.4 s 20 records; solana.transfers/0: done in 1.0 s',
    '3,115 / 3,120',
    'End to end, p99 2.1 s',
    'Until data loss 3h 59m',
    '1 ok 1 not mine',
    'solana.transfers/0 ok 1.4 s 20',
    'In this pod: 6 of at most 64 in flight, 2,310 records queued, 1 waits for another attempt; 1.20 MB of at most 64.0 MB.',
    'whale-alert closed 187,000 12 0 0 0 4 ms 5 2 0 0',
    'slack down 0 4 3 ?',
    'OCC_HANDLER_FAILED whale-alert 214 2026-11-28 14:02:00 UTC 2026-11-28 14:12:00 UTC t/7/99',
    'transfers 2 2 40 6,000 6,010 4.0 s 2.0 s ago',
    'consumer-0 joined 4 1',
    'Add partitions to the topic.',
  ]) {
    assert.ok(shown.includes(expected), `${expected}: ${shown}`)
  }
})

test('what operators have paused, by whom, until when and why; of a handler also in its row', async (t) => {
  const [handler] = overview().handlers
  assert.ok(handler !== undefined)
  const until = Date.UTC(2026, 10, 28, 14, 32)
  const pauses = [
    pauseOf({ topic: 'tron.transfers' }, { reason: 'the index is built anew' }),
    pauseOf({ handler: handler.name }, { by: 'bob', until }),
  ]
  const { page, state } = await servePage(t, {
    pauses: pauses.map(pauseReport),
    handlers: [{ ...handler, circuit: 'held' }],
  })
  const shown = async () => saidBy((await page()).text)
  const text = await shown()
  for (const expected of [
    'Paused by operators the topic tron.transfers, by alice, until it is resumed: the index is built anew the handler whale-alert, by bob, until 2026-11-28 14:32:00 UTC ',
    'whale-alert held until 2026-11-28 14:32:00 UTC 187,000',
  ]) {
    assert.ok(text.includes(expected), `${expected}: ${text}`)
  }
  state.overview = overview()
  assert.doesNotMatch(await shown(), /Paused by operators/)
})

test('what is not known is a question mark with its reason, never a number', async (t) => {
  const group = { ...overview().groups[0], unknown: 'the brokers do not answer' }
  const { page } = await servePage(t, {
    groups: [group as Overview['groups'][number]],
    partitions: [
      partitionOverview({
        word: 'unknown',
        facts: partitionFacts({ lag: null, lagSeconds: null }),
      }),
    ],
  })
  const { text } = await page()
  assert.match(text, /not known: the brokers do not answer/)
  assert.match(text, /unknown<\/td><td class="n">\?<\/td><td class="n">\?<\/td>/)
})

test('what a partition waits for is a word and what it means', async (t) => {
  const waiting = (partition: number, facts: Parameters<typeof partitionFacts>[0]) =>
    partitionOverview({ ...{ partition, word: 'held' }, facts: partitionFacts(facts) })
  const { page } = await servePage(t, {
    partitions: [
      waiting(0, { pausedBy: 'circuit' }),
      waiting(1, { blockedByTransaction: 3 }),
      waiting(2, { pausedBy: 'fetch', problem: 'it has no leader' }),
      waiting(3, { pausedBy: 'moon' }),
    ],
  })
  const shown = saidBy((await page()).text)
  for (const expected of [
    'this one circuit: of a handler that fails, or is paused',
    'this one transaction: open, with 3 records',
    'this one it has no leader',
    'this one moon',
  ]) {
    assert.ok(shown.includes(expected), `${expected}: ${shown}`)
  }
})

test('what the brokers said long ago is grey and says how long, of this pod and of others', async (t) => {
  const old = partitionFacts({
    ...{ isCurrent: false, endAgeSeconds: 185, lag: 20, lagSeconds: null },
    ...{ secondsToDrain: null, inPerSecond: null },
  })
  const others = { word: 'not mine' as const, facts: null }
  const { page, state } = await servePage(t, {
    numbers: numbers({
      ...{ lagSeconds: null, inPerSecond: null, slowest: null },
      ...{ unknownPartitions: 2, endAgeSeconds: 185 },
    }),
    partitions: [
      partitionOverview({ word: 'unknown', facts: old }),
      partitionOverview({
        ...{ ...others, partition: 1 },
        told: toldOverview({ word: 'unknown', ageSeconds: 10, facts: old }),
      }),
      partitionOverview({
        ...{ ...others, partition: 2 },
        told: toldOverview({ word: 'unknown', ageSeconds: 60, isCurrent: false, facts: old }),
      }),
    ],
    pausesAgeSeconds: 185,
  })
  const { text } = await page()
  const shown = saidBy(text)
  for (const expected of [
    'Behind ? 20 records; 2 partitions as of 3m 05s ago',
    '? / 3,120 nothing lost; 2 partitions as of 3m 05s ago',
    'solana.transfers/0 unknown ? 20, 3m 05s ago 3h 59m ? 100 120 3 this one',
    'solana.transfers/1 unknown ? 20, 3m 15s ago 3h 59m ? 100 120 3 transfers-1',
    'transfers-1 said 1m 00s ago: unknown, ? behind, 20 records, 4m 05s ago',
    'Paused by operators Nothing was paused 3m 05s ago: it could not be read since, and may have changed.',
  ]) {
    assert.ok(shown.includes(expected), `${expected}: ${shown}`)
  }
  assert.match(text, /<p class="value"><span class="unknown">\?<\/span><\/p>/)
  assert.match(text, /<td class="n unknown">20, 3m 05s ago<\/td>/)
  const details = await page('/page/partitions/solana.transfers/0')
  assert.match(saidBy(details.text), /Behind \?, 20 records, 3m 05s ago Done in \? /)
  assert.match(saidBy(details.text), /End 120, 3m 05s ago/)
  state.overview = overview({
    pauses: [pauseReport(pauseOf({ topic: 'a' }))],
    pausesAgeSeconds: 185,
  })
  const paused = saidBy((await page()).text)
  assert.ok(paused.includes('As it was 3m 05s ago: it could not be read since'), paused)
})

test('partitions of other pods are shown as those say, and grey with their age when they are silent', async (t) => {
  const other = { word: 'not mine' as const, facts: null }
  const silent = { pod: 'transfers-2', isCurrent: false, ageSeconds: 45 }
  const { page } = await servePage(t, {
    partitions: [
      partitionOverview(),
      partitionOverview({ ...other, partition: 1, told: toldOverview() }),
      partitionOverview({ ...other, partition: 2, told: toldOverview(silent) }),
      partitionOverview({ ...other, partition: 3 }),
    ],
    pods: [
      podOverview(),
      podOverview({ ...{ pod: 'transfers-2', ageSeconds: 45 }, problem: 'does not answer' }),
    ],
  })
  for (const path of ['/', '/page/partitions']) {
    const { text } = await page(path)
    const shown = saidBy(text)
    for (const expected of [
      'solana.transfers/0 ok 1.4 s 20 3h 59m 1.0 s 100 120 3 this one',
      'solana.transfers/1 growing 1m 15s 900 3h 59m 1.0 s 100 120 3 transfers-1',
      'solana.transfers/2 not mine transfers-2 said 45.0 s ago: growing, 1m 15s behind, 900 records',
    ]) {
      assert.ok(shown.includes(expected), `${expected}: ${shown}`)
    }
  }
  const { text } = await page()
  assert.match(
    text,
    /class="w-growing h\d+" title="solana\.transfers\/1: growing, .*, in transfers-1"/,
  )
  const shown = saidBy(text)
  assert.ok(shown.includes('1 growing 1 ok 2 not mine'))
  assert.ok(shown.includes('transfers-1 10.0.0.7:8080 1 2.0 s ago'))
  assert.ok(shown.includes('transfers-2 10.0.0.7:8080 1 45.0 s ago; now: does not answer'))
})

test('the tap is on the page where there is one, and nothing of it where there is none', async (t) => {
  const tap: TapSource = {
    ...{ hidesValues: false, problem: () => null, filter: () => 'none', join: () => () => {} },
  }
  const { page } = await servePage(t, {}, { tap })
  const { text } = await page()
  // A script shows it: without one it could do nothing.
  assert.match(text, /<section id="tap" [^>]*hidden>/)
  assert.match(text, /src="\/page\/client\/tap\.js"/)
  const without = await (await servePage(t)).page()
  assert.doesNotMatch(without.text, /id="tap"|tap\.js/)
})

test('nothing from outside becomes markup', async (t) => {
  const condition = { name: HOSTILE, level: 'warning' as const, text: HOSTILE, chapter: HOSTILE }
  const { page } = await servePage(
    t,
    {
      service: { ...overview().service, pod: HOSTILE, group: HOSTILE },
      sentence: condition,
      notes: [condition],
      partitions: [
        partitionOverview({
          topic: HOSTILE,
          group: HOSTILE,
          facts: partitionFacts({ problem: HOSTILE, member: HOSTILE }),
        }),
        partitionOverview({
          ...{ partition: 1, word: 'not mine', facts: null },
          told: toldOverview({ pod: HOSTILE, facts: partitionFacts({ problem: HOSTILE }) }),
        }),
        partitionOverview({
          ...{ partition: 2, word: 'not mine', facts: null },
          told: toldOverview({ pod: HOSTILE, isCurrent: false }),
        }),
      ],
      pods: [podOverview({ pod: HOSTILE, address: HOSTILE, problem: HOSTILE })],
      handlers: [{ ...(overview().handlers[0] as Overview['handlers'][number]), name: HOSTILE }],
      sinks: [
        {
          name: HOSTILE,
          up: true,
          waiting: 0,
          valuesPerMinute: 0,
          errorsPerMinute: 0,
          p99Seconds: 0,
        },
      ],
      letters: {
        kept: 1,
        waiting: 0,
        kinds: [
          {
            handler: HOSTILE,
            code: HOSTILE,
            count: 1,
            first: HOSTILE,
            last: HOSTILE,
            sample: HOSTILE,
          },
        ],
      },
      groups: [
        { ...(overview().groups[0] as Overview['groups'][number]), id: HOSTILE, hold: HOSTILE },
      ],
      members: [{ id: HOSTILE, state: 'joined', generation: 1, reason: HOSTILE, partitions: 1 }],
      pauses: [pauseReport(pauseOf({ handler: HOSTILE }, { by: HOSTILE, reason: HOSTILE }))],
      advice: [{ kind: 'add-partitions', text: HOSTILE }],
      certificates: [{ name: 'ca', subject: HOSTILE, notAfter: HOSTILE, daysLeft: 1 }],
      config: { valid: true, pendingRestart: [HOSTILE] },
    },
    { runbook: 'https://wiki.example.com/operations' },
  )
  for (const path of ['/', '/page/partitions']) {
    const { text } = await page(path)
    assert.ok(!text.includes('<script>alert'), path)
    assert.ok(!text.includes(`"'&`), path)
  }
})

test('a chapter is a link where the runbook can be read', async (t) => {
  const sentence = {
    name: 'stalled',
    level: 'critical' as const,
    text: 'Stalled',
    chapter: 'the-lag-grows',
  }
  const { page } = await servePage(
    t,
    { sentence },
    { runbook: 'https://wiki.example.com/operations' },
  )
  const { text } = await page()
  assert.match(text, /href="https:\/\/wiki\.example\.com\/operations#the-lag-grows"/)
})
