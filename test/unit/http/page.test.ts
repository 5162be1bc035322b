import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { TapSource } from '../../../src/http/api/tap.ts'
import { clientFiles } from '../../../src/http/page/client-files.ts'
import { pauseReport } from '../../../src/kernel/shapes/pause-report.ts'
import type { Overview } from '../../../src/observe/overview/types.ts'
import {
  overview,
  partitionFacts,
  partitionOverview,
  podOverview,
  toldOverview,
} from '../../support/overview.ts'
import { pauseOf } from '../../support/status.ts'
import { serve as serveWith } from './serve.ts'

const BROWSER = { accept: 'text/html,*/*;q=0.8' }
const HOSTILE = `<script>alert(1)</script>"'&`

async function serve(t: TestContext, changes: Partial<Overview> = {}, options = {}) {
  const { state, request, server, port } = await serveWith(t, { page: true, ...options })
  state.overview = overview(changes)
  const page = async (path = '/') => {
    const response = await request(path, { headers: BROWSER })
    return { response, text: await response.text() }
  }
  return { state, request, server, port, page }
}

test('a browser gets the page, everything else the index', async (t) => {
  const { request, page } = await serve(t)
  const { response, text } = await page()
  assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8')
  assert.match(text, /<h1>Keeping up: 1\.4 s behind, 3,120 records\/s, nothing lost<\/h1>/)
  const index = (await (await request('/')).json()) as { endpoints: object[] }
  assert.ok(index.endpoints.length > 5)
})

test('the page says all of it without a script', async (t) => {
  const { page } = await serve(t, {
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
  const shown = text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')
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
  const { page, state } = await serve(t, {
    pauses: pauses.map(pauseReport),
    handlers: [{ ...handler, circuit: 'held' }],
  })
  const shown = async () => (await page()).text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')
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
  const { page } = await serve(t, {
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

test('partitions of other pods are shown as those say, and grey with their age when they are silent', async (t) => {
  const other = { word: 'not mine' as const, facts: null }
  const silent = { pod: 'transfers-2', isCurrent: false, ageSeconds: 45 }
  const { page } = await serve(t, {
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
    const shown = text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')
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
  const shown = text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')
  assert.ok(shown.includes('1 growing 1 ok 2 not mine'))
  assert.ok(shown.includes('transfers-1 10.0.0.7:8080 1 2.0 s ago'))
  assert.ok(shown.includes('transfers-2 10.0.0.7:8080 1 45.0 s ago; now: does not answer'))
})

test('the tap is on the page where there is one, and nothing of it where there is none', async (t) => {
  const tap: TapSource = {
    ...{ hidesValues: false, problem: () => null, filter: () => 'none', join: () => () => {} },
  }
  const { page } = await serve(t, {}, { tap })
  const { text } = await page()
  // A script shows it: without one it could do nothing.
  assert.match(text, /<section id="tap" [^>]*hidden>/)
  assert.match(text, /src="\/page\/client\/tap\.js"/)
  const without = await (await serve(t)).page()
  assert.doesNotMatch(without.text, /id="tap"|tap\.js/)
})

test('who looks has the other pods asked; the pods that ask each other have not', async (t) => {
  let looks = 0
  const pods = { reports: () => [], look: async () => void looks++ }
  const { page, request } = await serve(t, {}, { pods })
  const own = (await (await request('/api/v1/status?own=true')).json()) as Overview
  assert.deepEqual([looks, own.version, own.service.pod], [0, 1, 'transfers-0'])
  assert.deepEqual(
    own.partitions.map(({ partition }) => partition),
    [0],
  )
  await request('/api/v1/status')
  await page()
  await page('/page/partitions')
  assert.equal(looks, 3)
  assert.equal((await request('/api/v1/status?own=false')).status, 400)
})

test('nothing from outside becomes markup', async (t) => {
  const condition = { name: HOSTILE, level: 'warning' as const, text: HOSTILE, chapter: HOSTILE }
  const { page } = await serve(
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

test('the policy allows nothing but the files of this service, and there is nothing inline', async (t) => {
  const { page, request } = await serve(t)
  for (const path of ['/', '/page/partitions']) {
    const { response, text } = await page(path)
    const policy = response.headers.get('content-security-policy') ?? ''
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/)
    assert.match(policy, /frame-ancestors 'none'/)
    assert.ok(!policy.includes('unsafe'))
    assert.doesNotMatch(text, /\sstyle=|\son[a-z]+=|<style|<script(?![^>]* src="\/page\/)/)
    const addresses = [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, each = '']) => each)
    assert.deepEqual(
      addresses.filter((each) => /^\w+:|^\/\//.test(each)),
      [],
    )
    for (const address of addresses.filter(
      (each) => each.startsWith('/page/') && !each.includes('partitions'),
    )) {
      const { status, headers } = await request(address)
      assert.deepEqual([status, headers.get('x-content-type-options')], [200, 'nosniff'], address)
    }
  }
})

test('a chapter is a link where the runbook can be read', async (t) => {
  const sentence = {
    name: 'stalled',
    level: 'critical' as const,
    text: 'Stalled',
    chapter: 'the-lag-grows',
  }
  const { page } = await serve(t, { sentence }, { runbook: 'https://wiki.example.com/operations' })
  const { text } = await page()
  assert.match(text, /href="https:\/\/wiki\.example\.com\/operations#the-lag-grows"/)
})

test('1,000 partitions and 100 kinds of letters, with all files, are less than 60 kB, compressed', async (t) => {
  const partitions = Array.from({ length: 1_000 }, (_, partition) =>
    partitionOverview({
      partition,
      topic: `topic.of.${partition % 7}`,
      word: partition % 3 === 0 ? 'behind' : 'ok',
      facts: partitionFacts({ lag: partition * 7_919, lagSeconds: (partition * 7_919) % 5_000 }),
    }),
  )
  const kinds = Array.from({ length: 100 }, (_, index) => ({
    ...{
      handler: `handler-${index}`,
      code: `OCC_CODE_${index}`,
      count: index * 31,
      sample: `t/${index}/${index * 7_919}`,
    },
    ...{ first: '2026-11-28T14:02:00.000Z', last: '2026-11-28T14:12:00.000Z' },
  }))
  const { port, state } = await serve(t)
  state.overview = overview({ partitions, letters: { kept: 1, waiting: 0, kinds } })
  const { get } = await import('node:http')
  const headers = { ...BROWSER, 'accept-encoding': 'gzip' }
  const sent = (path: string) =>
    new Promise<Buffer>((resolve, reject) => {
      get({ port, host: '127.0.0.1', path, headers }, (response) => {
        assert.equal(response.headers['content-encoding'], 'gzip', path)
        const chunks: Buffer[] = []
        response
          .on('data', (chunk) => chunks.push(chunk))
          .on('end', () => resolve(Buffer.concat(chunks)))
      }).on('error', reject)
    })
  const body = await sent('/')
  const files = ['/page/style.css', '/page/live.js', '/page/icon.svg']
  const all = [...files, ...clientFiles().map(({ path }) => path)]
  const sizes = (await Promise.all(all.map(sent))).map(({ length }) => length)
  const bytes = sizes.reduce((sum, each) => sum + each, body.length)
  assert.ok(bytes < 60_000, `${bytes} bytes, ${body.length} of the page`)
  assert.equal(
    gunzipSync(body)
      .toString()
      .match(/class="w-(ok|behind) h\d+"/g)?.length,
    1_000,
  )
})

test('switched off, / is the list of endpoints and nothing of the page is there', async (t) => {
  const { request } = await serveWith(t)
  assert.match(await (await request('/', { headers: BROWSER })).text(), /<ul>/)
  for (const path of ['/page/live', '/page/live.js', '/page/partitions']) {
    assert.equal((await request(path)).status, 404, path)
  }
})

test('viewers get everything at once, end with the service, and are not more than 100', async (t) => {
  const { request, server } = await serve(t)
  const viewers = await Promise.all(Array.from({ length: 100 }, () => request('/page/live')))
  const [first] = viewers
  assert.equal(first?.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  assert.equal((await request('/page/live')).status, 503)
  const closing = server.close()
  const texts = await Promise.all(viewers.map((each) => each.text()))
  await closing
  const data = /^data: (.*)$/m.exec(texts[0] ?? '')?.[1] ?? ''
  const { title, name, sections } = JSON.parse(data)
  assert.deepEqual(
    [title, name],
    ['Keeping up: 1.4 s behind, 3,120 records/s, nothing lost – transfers', 'keeping-up'],
  )
  assert.match(sections.service, /<dd>transfers-0<\/dd>/)
  assert.deepEqual(Object.keys(sections), [
    'name',
    'service',
    'sentence',
    'numbers',
    'paused',
    'partitions',
    'handlers',
    'sinks',
    'letters',
    'group',
  ])
  assert.equal(new Set(texts).size, 1)
})
