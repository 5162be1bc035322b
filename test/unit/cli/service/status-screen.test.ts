import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { main } from '../../../../src/cli/index.ts'
import { widthOf } from '../../../../src/cli/terminal/terminal.ts'
import type { Overview } from '../../../../src/observe/overview/types.ts'
import { fakeIo, fakeStream } from '../../../support/fake-io.ts'
import {
  numbers,
  overview,
  partitionFacts,
  partitionOverview,
  podOverview,
  toldOverview,
} from '../../../support/overview.ts'
import { startHttpServer } from '../../../support/servers/http-server.ts'

const OLDEST = {
  ...{ offset: 101, attempt: 1, state: 'running' as const },
  ...{ handlers: ['whale-alert'], handler: null, code: null },
}
const TROUBLED: Partial<Overview> = {
  sentence: {
    ...{ name: 'stalled', level: 'critical', chapter: 'onchainconsumerpartitionstuck' },
    text: 'Stalled: nothing of solana.transfers/1 was committed for a while, and 1,000 records of solana.transfers/1 wait',
  },
  partitions: [
    partitionOverview(),
    partitionOverview({
      ...{ partition: 1, word: 'stalled' },
      facts: partitionFacts({ lag: 1_000, oldest: OLDEST, oldestInFlightSeconds: 95 }),
    }),
    partitionOverview({ partition: 2, word: 'not mine', facts: null, told: toldOverview() }),
    partitionOverview({
      ...{ partition: 3, word: 'held' },
      facts: partitionFacts({ pausedBy: 'dead-letters' }),
    }),
    partitionOverview({ partition: 4, word: 'not mine', facts: null }),
  ],
  pods: [podOverview()],
  sinks: [
    {
      ...{ name: 'rows', up: false, waiting: 7, valuesPerMinute: 0 },
      ...{ errorsPerMinute: 12, p99Seconds: null },
    },
  ],
  letters: {
    ...{ kept: 214, waiting: 1 },
    kinds: [
      {
        ...{ code: 'OCC_HANDLER', handler: 'whale-alert', count: 214 },
        ...{ first: '2026-11-28T14:02:10.000Z', last: '2026-11-28T14:09:10.000Z' },
        sample: 'solana.transfers/1/99',
      },
    ],
  },
}

/** What `status` prints about a service that shows this. @param columns of a terminal; absent: a pipe */
async function screen(
  t: TestContext,
  shown: Partial<Overview>,
  { columns, env = {} }: { columns?: number; env?: Record<string, string> } = {},
) {
  const advice = [
    { name: 'x', text: `${'more pods would not help, '.repeat(6)}so fewer are enough` },
  ]
  const answers: Record<string, unknown> = {
    '/readyz': { ready: true, reasons: [], warnings: [] },
    '/lag': { state: 'running', circuits: [], pauses: [], advice, partitions: [], totals: {} },
    '/scale': { reason: 'not read yet' },
    '/api/v1/status': overview(shown),
  }
  const url = await startHttpServer(t, ({ url: path = '' }, response) => {
    response.writeHead(path === '/scale' ? 503 : 200).end(JSON.stringify(answers[path] ?? {}))
  })
  const stdout = columns === undefined ? fakeStream() : fakeStream(true, columns)
  await main(['status', '--url', url], { ...fakeIo({ env }), stdout })
  return stdout.written()
}

test('as on the page: figures, a mark for each partition, the worst, handlers, sinks, letters, pods', async (t) => {
  const text = await screen(t, TROUBLED)
  assert.ok(!text.includes('\u001b'), 'a pipe gets no escape sequences')
  for (const expected of [
    /^ {2}Stalled: nothing of solana\.transfers\/1 was committed/m,
    /^ {2}see docs\/operations\.md#onchainconsumerpartitionstuck$/m,
    /^ {2}behind +▆ █ +1\.4 s, lag 20; solana\.transfers\/0: done in 1\.0 s$/m,
    /^ {2}records\/s in +\S+ +3,115$/m,
    /^ {2}until loss +\S+ +3h 59m, first at solana\.transfers\/0$/m,
    /^Partitions {2}S 1 stalled {2}G 1 growing {2}H 1 held {2}\. 1 ok {2}- 1 not mine$/m,
    /^ {4}\.SGH-$/m,
    /^solana\.transfers\/1 +stalled +1\.4 s +1,000 .* this one/m,
    /^solana\.transfers\/2 +growing .* transfers-1/m,
    /^solana\.transfers\/3 +held .* dead-letters: their/m,
    /^in flight: solana\.transfers\/1, offset 101, attempt 1, for 1m 35s: is being handled by whale-alert$/m,
    /^whale-alert +closed +187,000 +12 +0 +0 +0 +4 ms +5 +2 +0 +0$/m,
    /^rows +down +0 +12 +7 +\?$/m,
    /^Dead letters\n214 since the start of this pod; 1 waits for its target$/m,
    /^OCC_HANDLER +whale-alert +214 +2026-11-28T14:02:10Z +2026-11-28T14:09:10Z +solana/m,
    /^ {2}member +consumer-0: joined, generation 4, 1 partition$/m,
    /^ {2}other pod +transfers-1: 1 partition, asked 2\.0 s ago$/m,
  ]) {
    assert.match(text, expected)
  }
})

test('of a pod that does not answer, what it said last is told, with a question mark for now', async (t) => {
  const silent = partitionOverview({
    ...{ partition: 2, word: 'not mine', facts: null },
    told: toldOverview({ isCurrent: false, ageSeconds: 40 }),
  })
  const partitions = [partitionOverview(), silent]
  const text = await screen(t, { partitions, pods: [podOverview({ problem: 'refused' })] })
  assert.match(
    text,
    /^solana\.transfers\/2 +not mine +\? +\? .* transfers-1 +transfers-1 said 40\.0 s$/m,
  )
})

test('what the brokers said long ago is told with its age', async (t) => {
  const facts = partitionFacts({ isCurrent: false, endAgeSeconds: 185, lagSeconds: null })
  const text = await screen(t, {
    partitions: [partitionOverview({ word: 'unknown', facts })],
    numbers: numbers({
      ...{ lagSeconds: null, inPerSecond: null, slowest: null },
      ...{ unknownPartitions: 1, endAgeSeconds: 185 },
    }),
    pausesAgeSeconds: 185,
  })
  for (const expected of [
    /^ {2}behind +\S+ +\S+ +\?, lag 20; 1 partition as of 3m 05s ago$/m,
    /^ {2}records\/s in +\S+ +\?$/m,
    /^ {2}paused: Nothing was paused 3m 05s ago: it could not be read since, and may have changed\.$/m,
    /^solana\.transfers\/0 +unknown +\? +20, 3m 05s ago /m,
  ]) {
    assert.match(text, expected)
  }
})

for (const columns of [120, 80, 60, 40]) {
  test(`it fits a terminal of ${columns} columns, in colour`, async (t) => {
    const partitions = Array.from({ length: 200 }, (_, partition) =>
      partitionOverview({
        ...{ partition, topic: 'solana.transfers.of.a.long.name' },
        word: partition % 7 === 0 ? 'growing' : 'ok',
        facts: partitionFacts({
          ...{ lag: 12_345_678, end: 9_876_543_210, committed: 9_864_197_532 },
          ...{ oldest: OLDEST, oldestInFlightSeconds: 95 },
        }),
      }),
    )
    const text = await screen(t, { ...TROUBLED, partitions }, { columns })
    assert.ok(text.includes('\u001b['), 'colours')
    const wide = text.split('\n').filter((line) => widthOf(line) > columns)
    // The address is of the test.
    assert.deepEqual(
      wide.map((line) => stripVTControlCharacters(line)),
      [],
    )
    assert.match(stripVTControlCharacters(text), /growing/)
  })
}

test('a terminal that does not know its width yet, or has hardly any, gets its lines', async (t) => {
  const lines = async (columns: number) => (await screen(t, TROUBLED, { columns })).split('\n')
  assert.equal((await lines(0)).length, (await lines(120)).length)
  assert.ok((await lines(1)).length > (await lines(40)).length)
})

test('NO_COLOR: none of it is told by colour alone', async (t) => {
  const text = await screen(t, TROUBLED, { columns: 80, env: { NO_COLOR: '1' } })
  assert.ok(!text.includes('\u001b'))
  assert.match(text, /^ {4}\.SGH-$/m)
})

test('what a service writes about itself is no escape sequence', async (t) => {
  const hostile = '\u001b[2J\u001b]0;owned\u0007'
  const text = await screen(t, {
    ...TROUBLED,
    partitions: [
      partitionOverview({ topic: hostile, facts: partitionFacts({ problem: hostile }) }),
    ],
    handlers: overview().handlers.map((each) => ({ ...each, name: hostile })),
    pods: [podOverview({ pod: hostile, problem: hostile })],
  })
  assert.ok(!text.includes('\u001b'))
})
