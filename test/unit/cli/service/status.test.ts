import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { main } from '../../../../src/cli/index.ts'
import { serviceUrls } from '../../../../src/cli/service/request.ts'
import { fakeIo } from '../../../support/fake-io.ts'
import { overview } from '../../../support/overview.ts'
import { startHttpServer } from '../../../support/servers/http-server.ts'

const PARTITION = {
  ...{ topic: 't', partition: 0, committed: 5, end: 9, lag: 4, problem: null, pausedBy: null },
  ...{ oldestUnprocessedAgeSeconds: 60, secondsUntilLoss: null, caughtUp: false },
}
const LAG = {
  ...{ state: 'running', circuits: [], advice: [], partitions: [PARTITION] },
  totals: { lag: 4, partitions: 1 },
}

const PAUSES = [
  { topic: 't', by: 'alice', until: '2026-01-31T12:30:00.000Z', reason: 'it \u001b[31mmoves' },
  { topic: 't', partition: 3, by: 'bob', until: null, reason: null },
]

function serve(t: TestContext, answers: Record<string, readonly [number, unknown]>) {
  return startHttpServer(t, ({ url = '' }, response) => {
    const [status, body] = answers[url] ?? [404, {}]
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
}

async function tell(...args: string[]) {
  const io = fakeIo()
  const code = await main(['status', ...args], io)
  return { code, text: io.stdout.written() }
}

test('readiness, figures, group, pauses; what is not known is a question mark', async (t) => {
  const url = await serve(t, {
    '/readyz': [503, { ready: false, reasons: ['member consumer-0 is joining'], warnings: [] }],
    '/lag': [200, { ...LAG, pauses: PAUSES }],
    '/scale': [503, { error: 'not known', reason: 'not read yet' }],
    '/metrics': [
      200,
      'onchain_consumer_handled_records_total{topic="a"} 1200\nonchain_consumer_handled_records_total{topic="b"} 34\n',
    ],
  })
  const { code, text } = await tell('--url', url)
  assert.equal(code, 1)
  assert.match(text, /not ready {2}running\n {2}member consumer-0 is joining$/m)
  assert.match(text, /handled 1,234, skipped \?, retries \?, dead letters \?, lost \?$/m)
  assert.match(text, /the group +\? \(not read yet\)$/m)
  assert.match(text, /paused: the topic t, by alice, until 2026-01-31T12:30:00\.000Z: it .*moves$/m)
  assert.match(text, /paused: partition 3 of t, by bob, until resume$/m)
  assert.ok(!text.includes('\u001b'))
  for (const line of text.split('\n')) assert.ok(line.length <= 120, line)
  const [json] = (await tell('--url', url, '--json')).text
    .split('\n')
    .map((line) => line && JSON.parse(line))
  assert.deepEqual(
    [json.ready, json.counts.handled, json.counts.lost, json.group],
    [false, 1234, null, null],
  )
})

test('--url with credentials is refused, and they are not shown', () => {
  assert.throws(() => serviceUrls('http://pod:8080,http://me:secret@pod:8080'), {
    code: 'OCC_USAGE',
    message: '--url names a user of pod:8080; give http://HOST:PORT without credentials',
  })
})

test('a service that does not answer hides no other, and is not ready', async (t) => {
  const url = await serve(t, {
    '/readyz': [200, { ready: true, reasons: [], warnings: [] }],
    '/lag': [200, LAG],
    '/scale': [
      200,
      {
        lag: 4,
        ageSeconds: 59,
        secondsToDrain: 3,
        consumeRate: 10,
        produceRate: 8.4,
        members: 2,
        partitions: 1,
        hold: null,
      },
    ],
    '/metrics': [200, ''],
  })
  const fine = await tell('--url', url)
  assert.equal(fine.code, 0)
  assert.match(
    fine.text,
    /the group +read 59\.0 s ago: lag 4, done in 3\.0 s, 10\/s of 8\/s, 2 members, 1 partition$/m,
  )
  const { code, text } = await tell('--url', `http://127.0.0.1:1,${url}`)
  assert.equal(code, 1)
  assert.match(text, /^http:\/\/127\.0\.0\.1:1\/\S+ does not answer: /)
  assert.match(text, / {2}ready {2}running$/m)
})

test('what is no such service is named, whatever it answers', async (t) => {
  const other = await serve(t, {})
  const asked = await tell('--url', other)
  assert.equal(asked.code, 1)
  assert.equal(asked.text, `${other}/lag answers 404: this is not onchain-consumer. Check --url\n`)
  const odd = await serve(t, { '/readyz': [200, null] })
  assert.match((await tell('--url', odd)).text, /\/readyz answers 200 without JSON: this is not/)
})

test('the sentence of the page comes first, and what else is to be known', async (t) => {
  const note = {
    name: 'lost',
    level: 'critical' as const,
    text: 'Lost: 3 records\u001b[2J',
    chapter: null,
  }
  const url = await serve(t, {
    '/readyz': [200, { ready: true, reasons: [], warnings: [] }],
    '/lag': [200, LAG],
    '/scale': [503, { reason: 'not read yet' }],
    '/metrics': [200, ''],
    '/api/v1/status': [200, overview({ notes: [note] })],
  })
  const { text } = await tell('--url', url)
  const [, sentence, second] = text.split('\n')
  assert.equal(sentence, `  ${overview().sentence.text}`)
  assert.equal(second, '  Lost: 3 records [2J')
  const json = JSON.parse((await tell('--url', url, '--json')).text)
  assert.deepEqual([json.sentence, json.notes], [overview().sentence, [note]])
})
