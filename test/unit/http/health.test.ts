import assert from 'node:assert/strict'
import test from 'node:test'
import { readinessOf } from '../../../src/http/health.ts'
import { createMeters } from '../../../src/observe/meters/meters.ts'
import { createMetrics } from '../../../src/observe/metrics/metrics.ts'
import type { MemberState, ServiceState, ServiceStatus } from '../../../src/observe/types.ts'
import { memberStatus, partitionStatus, serviceStatus } from '../../support/status.ts'
import { parseExposition } from '../observe/exposition.ts'
import { become, serve } from './serve.ts'

const SERVICE: readonly ServiceState[] = ['starting', 'running', 'draining', 'stopped']
const MEMBER: readonly MemberState[] = ['connecting', 'joining', 'joined', 'waiting', 'stopped']

test('a service that may not consume, because pauses are not known, is not ready and says why', async () => {
  const unknownPauses = 'it is not known what operators have paused'
  const status = serviceStatus({ state: 'running', members: [memberStatus({})], unknownPauses })
  assert.deepEqual(readinessOf(status).reasons, [unknownPauses])
  assert.equal(await readyGauge(status), 0)
})

/** Every service state with no member, one, or two, in every state, with and without generation. */
const everything: readonly ServiceStatus[] = SERVICE.flatMap((state) => {
  const each = MEMBER.flatMap((member) =>
    [null, 7].map((generation) => memberStatus({ state: member, generation })),
  )
  const two = each.map((member) => [memberStatus({ id: 'b' }), member])
  const members = [[], ...each.map((member) => [member]), ...two]
  return members.map((list) => serviceStatus({ state, members: list, partitions: [] }))
})

function problem(reason: string) {
  return { reason, message: 'ask somebody', since: 0, damage: null }
}

async function readyGauge(status: ServiceStatus): Promise<number | undefined> {
  const metrics = createMetrics({
    meters: createMeters(),
    status: { status: () => status },
    readiness: readinessOf,
    version: { version: '1.2.3', kafkajs: '2.2.4' },
  })
  return parseExposition(await metrics.render()).get('onchain_consumer_ready')?.samples[0]?.value
}

test('the ready gauge and /readyz always agree, and exactly the two working states are ready', async () => {
  const ready: ServiceStatus[] = []
  for (const status of everything) {
    const answer = readinessOf(status)
    assert.equal(await readyGauge(status), Number(answer.ready), JSON.stringify(status))
    assert.equal(answer.ready, answer.reasons.length === 0)
    if (answer.ready) ready.push(status)
  }
  assert.deepEqual(
    ready.map(({ state, members }) => [state, members.length]),
    [
      ['running', 1],
      ['running', 2],
    ],
  )
})

test('a standby member without partitions is ready', () => {
  const status = serviceStatus({ members: [memberStatus({ partitions: 0 })], partitions: [] })
  assert.deepEqual(readinessOf(status), { ready: true, reasons: [], warnings: [] })
})

test('every reason is given, not only the first', () => {
  const members = [
    memberStatus({ state: 'connecting', generation: null, reason: 'connection refused' }),
    memberStatus({ id: 'b', generation: null }),
  ]
  assert.deepEqual(readinessOf(serviceStatus({ state: 'starting', members })).reasons, [
    'the service is starting',
    'member consumer-0 is connecting: connection refused',
    'member b is joined, its assignment is not known yet',
  ])
  assert.deepEqual(readinessOf(serviceStatus({ members: [] })).reasons, [
    'no member of the consumer group exists yet',
  ])
})

test('an undecodable topic and an open circuit are warnings; if it is the only topic, a reason', async () => {
  const partition = partitionStatus({ pausedBy: 'decode' })
  const [closed] = serviceStatus().circuits
  assert.ok(closed)
  const words = 'no record of topic solana.transfers is JSON: set `decode.topics`'
  const circuits = [
    closed,
    { ...closed, handler: '', topic: 'solana.transfers', state: 'open', problem: words } as const,
    { ...closed, handler: 'other', state: 'open', problem: 'the handler fails' } as const,
  ]
  const warnings = [words, 'the handler fails']
  const other = partitionStatus({ topic: 'other' })
  assert.deepEqual(readinessOf(serviceStatus({ circuits, partitions: [partition, other] })), {
    ready: true,
    reasons: [],
    warnings,
  })
  const only = serviceStatus({ circuits, partitions: [partition] })
  assert.equal(await readyGauge(only), 0)
  assert.deepEqual(readinessOf(only), {
    ready: false,
    reasons: [`member consumer-0 can decode none of its 1 partitions; ${words}`],
    warnings,
  })
})

test('a partition that cannot be fetched is a warning if somebody must fix it, and a reason if it is the only one', async () => {
  const partitionsOf = (...reasons: ReadonlyArray<string | null>) =>
    reasons.map((reason, partition) =>
      partitionStatus({ partition, problem: reason === null ? null : problem(reason) }),
    )
  const words = (partition: number, reason: string) =>
    `nothing can be fetched of solana.transfers/${partition} (${reason}): ask somebody`
  const expected = [
    [partitionsOf('corrupt', null), [], [words(0, 'corrupt')]],
    // What passes must not flap readiness.
    [partitionsOf('no-leader', 'broker-unreachable'), [], []],
    [partitionsOf('no-leader', 'corrupt'), [], [words(1, 'corrupt')]],
    [
      partitionsOf('not-authorized', 'storage-error'),
      [`member consumer-0 can fetch none of its 2 partitions; ${words(0, 'not-authorized')}`],
      [words(0, 'not-authorized'), words(1, 'storage-error')],
    ],
  ] as const
  for (const [partitions, reasons, warnings] of expected) {
    const status = serviceStatus({ partitions })
    assert.deepEqual(readinessOf(status), { ready: reasons.length === 0, reasons, warnings })
    assert.equal(await readyGauge(status), Number(reasons.length === 0))
  }
})

test('/healthz fails only if a loop is stuck, and names it', async (context) => {
  const { state, json } = await serve(context)
  become(state, {
    members: [memberStatus({ lastTurn: 0 }), memberStatus({ id: 'b', lastTurn: 9 })],
  })
  state.monotonic = 30_000
  assert.deepEqual(await json('/healthz'), { code: 200, body: { alive: true, reasons: [] } })
  state.monotonic = 30_001
  assert.deepEqual(await json('/healthz'), {
    code: 503,
    body: {
      alive: false,
      reasons: ['the loop of member consumer-0 has not turned for 30001 ms (limit 30000 ms)'],
    },
  })
})

test('/healthz succeeds during a broker outage and a drain, before the first member and after the last', async (context) => {
  const { state, json } = await serve(context)
  state.monotonic = 100_000
  const turning = { lastTurn: 99_000 }
  for (const changes of [
    { members: [memberStatus({ ...turning, state: 'connecting', reason: 'ECONNREFUSED' })] },
    { state: 'draining', members: [memberStatus(turning)] },
    { state: 'draining', members: [memberStatus({ state: 'stopped', lastTurn: 0 })] },
    { state: 'starting', members: [] },
  ] as const) {
    become(state, changes)
    assert.equal((await json('/healthz')).code, 200, JSON.stringify(changes))
  }
})

test('/readyz gives the reasons', async (context) => {
  const { state, json } = await serve(context)
  assert.deepEqual(await json('/readyz'), {
    code: 200,
    body: { ready: true, reasons: [], warnings: [] },
  })
  const reason = 'topic solana.transfer does not exist on the brokers; waiting for it'
  become(state, {
    members: [memberStatus({ state: 'waiting', reason }), memberStatus({ id: 'b' })],
  })
  assert.deepEqual(await json('/readyz'), {
    code: 503,
    body: { ready: false, reasons: [`member consumer-0 is waiting: ${reason}`], warnings: [] },
  })
  become(state, { state: 'draining' })
  assert.deepEqual(await json('/readyz'), {
    code: 503,
    body: { ready: false, reasons: ['the service is draining'], warnings: [] },
  })
})

test('/startupz stays positive once every member has joined', async (context) => {
  const { state, json } = await serve(context)
  const joining = memberStatus({ state: 'joining', generation: null })
  become(state, { members: [memberStatus({ id: 'b' }), joining] })
  assert.deepEqual(await json('/startupz'), {
    code: 503,
    body: { started: false, reasons: ['member consumer-0 is joining'] },
  })
  become(state, {})
  assert.equal((await json('/startupz')).code, 200)
  become(state, { members: [joining] })
  assert.deepEqual(await json('/startupz'), { code: 200, body: { started: true, reasons: [] } })
})

test('/startupz knows a join that only /readyz has seen', async (context) => {
  const { state, json } = await serve(context)
  await json('/readyz')
  become(state, { members: [memberStatus({ state: 'connecting', generation: null })] })
  assert.equal((await json('/startupz')).code, 200)
})
