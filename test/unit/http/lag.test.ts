import assert from 'node:assert/strict'
import test from 'node:test'
import type { ScalingReportSource } from '../../../src/observe/types.ts'
import { circuitStatus, partitionStatus, pauseOf, scalingReportOf } from '../../support/status.ts'
import { become, serve } from './serve.ts'

test('/lag gives numbers, in records and in time, and a total of what is known', async (context) => {
  const { state, json } = await serve(context)
  const unknown = {
    endOffset: null,
    endKnownAt: null,
    committedOffset: null,
    position: null,
    lag: null,
    oldestUnprocessedTime: null,
    retentionHeadroom: null,
  }
  const oldest = {
    ...{ offset: 101, attempt: 1, state: 'running' as const },
    ...{ handlers: ['whale-alert'], handler: null, code: null },
  }
  become(state, {
    partitions: [
      partitionStatus({ partition: 10, oldest, oldestTakenAt: -60_000 }),
      partitionStatus({ partition: 2, ...unknown, paused: true, pausedBy: 'queue' }),
      partitionStatus({
        topic: 'a',
        endKnownAt: 1_030_000,
        lag: 5,
        oldestUnprocessedTime: 9e15,
        caughtUp: true,
        replay: null,
        stableOffset: 110,
        blockedByTransaction: { records: 10, since: 1_000_000 },
        pausedBy: 'corrupt',
        problem: {
          reason: 'corrupt',
          message: 'the checksum does not fit',
          since: 1_000_000,
          damage: {
            error: { code: 'OCC_BATCH_CORRUPT', message: 'the checksum does not fit' },
            codec: 'lz4',
            firstOffset: 110,
            lastOffset: 114,
          },
        },
      }),
    ],
  })
  const { code, body } = await json('/lag')
  assert.equal(code, 200)
  const row = {
    topic: 'solana.transfers',
    partition: 10,
    member: 'consumer-0',
    end: 120,
    endAgeSeconds: 10,
    committed: 100,
    position: 110,
    lag: 20,
    oldestUnprocessedTime: '1970-01-01T00:16:40.000Z',
    oldestUnprocessedAgeSeconds: 60,
    secondsUntilLoss: 7_200,
    paused: false,
    pausedBy: null,
    behindRetries: 0,
    problem: null,
    stable: 120,
    blockedByTransaction: null,
    caughtUp: false,
    oldestInFlight: { ...oldest, seconds: 60 },
    replay: null,
  }
  assert.deepEqual(body, {
    state: 'running',
    totals: { lag: 25, lagAgeSeconds: 30, partitions: 3, partitionsWithUnknownLag: 1 },
    partitions: [
      {
        ...row,
        topic: 'a',
        partition: 0,
        endAgeSeconds: 30,
        lag: 5,
        oldestUnprocessedTime: null,
        oldestUnprocessedAgeSeconds: 0,
        caughtUp: true,
        oldestInFlight: null,
        replay: null,
        stable: 110,
        blockedByTransaction: { records: 10, since: '1970-01-01T00:16:40.000Z', ageSeconds: 60 },
        pausedBy: 'corrupt',
        problem: {
          reason: 'corrupt',
          message: 'the checksum does not fit',
          since: '1970-01-01T00:16:40.000Z',
          damage: { code: 'OCC_BATCH_CORRUPT', codec: 'lz4', firstOffset: 110, lastOffset: 114 },
        },
      },
      {
        ...row,
        partition: 2,
        end: null,
        endAgeSeconds: null,
        committed: null,
        position: null,
        lag: null,
        oldestUnprocessedTime: null,
        oldestUnprocessedAgeSeconds: null,
        secondsUntilLoss: null,
        oldestInFlight: null,
        paused: true,
        pausedBy: 'queue',
      },
      row,
    ],
    circuits: [],
    pauses: [],
    group: { ageSeconds: 2, partitions: 12, members: 3, secondsToDrain: 60 },
    advice: [],
  })
})

test('/lag says who paused what, until when, and why', async (context) => {
  const { state, json } = await serve(context)
  const facts = { until: 90_000, reason: 'the index is built anew' }
  const pauses = [pauseOf({ topic: 'a', partition: 3 }, facts), pauseOf({ handler: 'whale' })]
  become(state, { pauses })
  const by = { by: 'alice', since: '1970-01-01T00:00:01.000Z' }
  const { body } = await json('/lag')
  assert.deepEqual(body['pauses'], [
    { topic: 'a', partition: 3, ...by, ...facts, until: '1970-01-01T00:01:30.000Z' },
    { handler: 'whale', ...by, until: null, reason: null },
  ])
})

test('/lag names the paused handlers, and since when', async (context) => {
  const { state, json } = await serve(context)
  const works = circuitStatus({ handler: 'works' })
  const away = circuitStatus({ handler: 'away', state: 'open', openedAt: 5, openings: 1 })
  become(state, { circuits: [works, away] })
  assert.deepEqual((await json('/lag')).body['circuits'], [away])
})

test('/lag gives the advice about the group, and null while the group is unknown', async (context) => {
  const { state, json } = await serve(context)
  const advice = [{ kind: 'add-partitions', text: 'add partitions to the topic' }] as const
  state.scaling = scalingReportOf({ advice })
  assert.deepEqual((await json('/lag')).body['advice'], advice)
  state.scaling = { known: false, reason: 'not read yet', advice: [] }
  const { code, body } = await json('/lag')
  assert.deepEqual([code, body['group'], body['advice']], [200, null, []])
})

test('/lag totals: a lag that is not known is null, with the reason, never 0', async (context) => {
  const { state, json } = await serve(context)
  const totals = async () => (await json('/lag')).body['totals']
  become(state, { partitions: [partitionStatus({ lag: null, endKnownAt: null })] })
  const ages = { lagAgeSeconds: null }
  assert.deepEqual(await totals(), {
    lag: null,
    unknown: 'the brokers have not told the end offset of a partition yet',
    ...ages,
    partitions: 1,
    partitionsWithUnknownLag: 1,
  })
  become(state, { partitions: [] })
  assert.deepEqual(await totals(), {
    lag: null,
    unknown: 'no partition is assigned to this process',
    ...ages,
    partitions: 0,
    partitionsWithUnknownLag: 0,
  })
})

test('with a group of its own, /lag and /scale show each group, and the most that is wanted', async (context) => {
  const group = 'app.slack'
  const slow = scalingReportOf({ lag: 9000, wantedReplicas: 12, scalingLag: 9000 })
  const scaling: ScalingReportSource = {
    report: () => slow,
    groups: () => [
      { id: 'app', isOwn: false, report: scalingReportOf() },
      { id: group, isOwn: true, report: slow },
    ],
  }
  const { state, json } = await serve(context, { scaling })
  become(state, { partitions: [partitionStatus({ group, lag: 9000 }), partitionStatus()] })
  const lag = await json('/lag')
  const rows = lag.body['partitions'] as Array<Record<string, unknown>>
  assert.deepEqual(
    rows.map((row) => [row['group'], row['topic'], row['lag']]),
    [
      [undefined, 'solana.transfers', 20],
      [group, 'solana.transfers', 9000],
    ],
  )
  const rest = { ageSeconds: 2, partitions: 12, members: 3, secondsToDrain: 60 }
  assert.deepEqual(lag.body['group'], rest)
  assert.deepEqual(lag.body['groups'], [
    { group: 'app', lag: 600, ...rest },
    { group, lag: 9000, ...rest },
  ])
  const { body } = await json('/scale')
  assert.deepEqual([body['wantedReplicas'], body['scalingLag']], [12, 9000])
  const groups = body['groups'] as Array<Record<string, unknown>>
  assert.deepEqual(
    groups.map((one) => [one['group'], one['wantedReplicas']]),
    [
      ['app', 6],
      [group, 12],
    ],
  )
})
