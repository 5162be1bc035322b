import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import test, { type TestContext } from 'node:test'
import { createPods, type PodsParts } from '../../../src/http/api/pods.ts'
import { overview, partitionFacts, partitionOverview } from '../../support/overview.ts'
import { startHttpServer } from '../../support/servers/http-server.ts'

/** A pod that answers as it is told to; what it was asked is kept. */
async function pod(t: TestContext, answer: object | ((response: ServerResponse) => void)) {
  const asked: Array<{ url: string; authorization: string | undefined }> = []
  const state = { answer }
  const url = await startHttpServer(t, (request, response) => {
    asked.push({ url: request.url ?? '', authorization: request.headers.authorization })
    const { answer: now } = state
    if (typeof now === 'function') now(response)
    else response.end(JSON.stringify(now))
  })
  return { asked, state, address: new URL(url).host }
}

function pods(addresses: readonly string[], more: Partial<PodsParts> = {}) {
  const time = { now: 1_000_000 }
  const made = createPods({
    peers: addresses,
    port: () => 1,
    group: 'transfers',
    isSelf: () => false,
    now: () => time.now,
    fresh: 0,
    ...more,
  })
  return { ...made, time }
}

const SAID = partitionFacts({
  oldest: {
    ...{ offset: 101, attempt: 1, state: 'running' },
    ...{ handlers: ['whale'], handler: null, code: null },
  },
})

const has = (partition: number, name = 'transfers-1') =>
  overview({
    service: { ...overview().service, pod: name },
    partitions: [partitionOverview({ partition, word: 'growing', facts: SAID })],
  })

test('every pod is asked for its own, without a token, and what it says is known', async (t) => {
  const [first, second] = [await pod(t, has(1)), await pod(t, has(2, 'transfers-2'))]
  const { look, reports } = pods([first.address, second.address])
  await look()
  assert.deepEqual(
    reports().map(({ address, problem, told }) => [
      address,
      problem,
      told?.at,
      told?.pod,
      told?.partitions.map(({ partition, word, facts }) => [partition, word, facts]),
    ]),
    [
      [first.address, null, 1_000_000, 'transfers-1', [[1, 'growing', SAID]]],
      [second.address, null, 1_000_000, 'transfers-2', [[2, 'growing', SAID]]],
    ],
  )
  const expected = [{ url: '/api/v1/status?own=true', authorization: undefined }]
  assert.deepEqual([first.asked, second.asked], [expected, expected])
})

test('all who look at once, and soon after, are one request', async (t) => {
  const one = await pod(t, has(1))
  const { look } = pods([one.address], { fresh: 60_000 })
  await Promise.all([look(), look(), look()])
  await look()
  assert.equal(one.asked.length, 1)
})

test('a pod that is silent, refuses, sends elsewhere or is none is named, and keeps what it said', async (t) => {
  const one = await pod(t, has(1))
  // As long as a busy machine may take for the largest of the answers.
  const { look, reports, time } = pods([one.address], { timeout: 3_000 })
  await look()
  for (const [answer, why] of [
    [() => {}, /^does not answer in time$/],
    [(response) => response.writeHead(500).end(), /^answers 500$/],
    [(response) => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(), /redirect/],
    [(response) => response.end('<html>'), /JSON/],
    [(response) => response.end('{"fine": true}'), /is that a pod of this release/],
    [(response) => response.end(Buffer.alloc(5_000_000, ' ')), /answers too much/],
    [
      (response) => {
        const service = { ...overview().service, group: 'other' }
        response.end(JSON.stringify(overview({ service })))
      },
      /is a pod of another group/,
    ],
  ] as ReadonlyArray<readonly [(response: ServerResponse) => void, RegExp]>) {
    one.state.answer = answer
    time.now += 1_000
    await look()
    const [report, ...more] = reports()
    assert.match(report?.problem ?? '', why)
    assert.deepEqual([report?.told?.at, report?.told?.pod, more], [1_000_000, 'transfers-1', []])
  }
})

test('this process is not told of', async (t) => {
  const self = await pod(t, has(1))
  const { look, reports } = pods([self.address], {
    isSelf: ({ pod: name }) => name === 'transfers-1',
  })
  await look()
  assert.deepEqual(reports(), [])
})

test('what another version says is taken as far as it can be read', async (t) => {
  const facts = {
    lag: '<b>',
    lagSeconds: Number.MAX_VALUE,
    problem: { a: 1 },
    pausedBy: 'x'.repeat(900),
  }
  const other = await pod(t, {
    service: { pod: 'new', group: 'transfers' },
    partitions: [{ topic: 't', partition: 1, word: 'melted', facts }, { topic: 't' }, 7, null],
  })
  const { look, reports } = pods([other.address])
  await look()
  const [told, ...more] = reports()[0]?.told?.partitions ?? []
  assert.deepEqual(more, [])
  assert.deepEqual(
    [told?.word, told?.facts.lag, told?.facts.problem, told?.facts.pausedBy?.length],
    ['unknown', null, null, 500],
  )
})

test('a name without addresses leaves what is known', async (t) => {
  const one = await pod(t, has(1))
  const names = [one.address, 'no-such-pod.invalid']
  const { look, reports } = pods(names)
  await look()
  assert.equal(reports().length, 1)
})
