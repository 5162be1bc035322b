import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { lagJson, lagText } from '../../../../src/cli/groups/lag-text.ts'
import { readPodLag } from '../../../../src/cli/groups/pod-lag.ts'
import { partitionLags } from '../../../../src/group/partition-lag.ts'
import { fakeIo } from '../../../support/fake-io.ts'
import { startHttpServer } from '../../../support/servers/http-server.ts'

const NOW = Date.UTC(2026, 0, 31, 12)

async function pod(t: TestContext, name: string, lag: object) {
  const url = await startHttpServer(t, (_, response) => response.end(JSON.stringify(lag)))
  return { name: `pod/${name}`, url: new URL(url) }
}

function partition(number: number, committed: number | null, changes: object = {}) {
  return {
    ...{ topic: 'a', partition: number, end: 100, committed, pausedBy: null },
    ...{ oldestUnprocessedTime: null, oldestUnprocessedAgeSeconds: null, secondsUntilLoss: null },
    ...changes,
  }
}

test('the lag of a release is that of the partitions of its pods', async (t) => {
  const behind = {
    pausedBy: 'operator',
    oldestUnprocessedTime: new Date(NOW - 60_000).toISOString(),
    ...{ oldestUnprocessedAgeSeconds: 60, secondsUntilLoss: 3540 },
  }
  const own = [partition(0, 100), partition(1, 40, behind), partition(9, 0, { group: 'g.slow' })]
  const groups = [{ group: 'g' }, { group: 'g.slow' }]
  const facts = { group: { partitions: 5 }, groups }
  const services = [
    await pod(t, 'one', { partitions: own, ...facts }),
    await pod(t, 'two', { partitions: [partition(2, null)], ...facts }),
  ]
  const asked = { release: 'transfers', groupId: undefined, topic: undefined }
  const { group, sample, held, elsewhere } = await readPodLag(services, asked)
  assert.equal(elsewhere, 2)
  const view = { group, partitions: partitionLags(null, sample, NOW, held) }
  const { partitions, ...totals } = JSON.parse(JSON.stringify(lagJson(view, NOW)))
  assert.deepEqual([totals.lag, totals.lost, totals.ageSeconds], [60, null, 60])
  assert.deepEqual(
    partitions.map(({ lag, low, trend, owner }: Record<string, unknown>) => ({
      ...{ lag, low, trend },
      pod: Reflect.get(Object(owner), 'clientId'),
    })),
    [
      { lag: 0, low: null, trend: 'ok', pod: 'pod/one' },
      { lag: 60, low: null, trend: 'held', pod: 'pod/one' },
      { lag: null, low: null, trend: 'unknown', pod: 'pod/two' },
    ],
  )
  const text = lagText(view, fakeIo())
  assert.match(text, /^release transfers {2}held {2}state unknown, \? members, 3 partitions \(1 un/)
  assert.match(text, /1 +40 +100 +60 +1m 00s +59m 00s +\? +held +pod\/one$/m)

  const slow = await readPodLag(services, { ...asked, groupId: 'g.slow' })
  assert.deepEqual([...slow.sample.partitions.keys()], ['a/9'])
})

test('a pod that does not answer is named, not the port that leads to it', async (t) => {
  const away = { name: 'pod/two', url: new URL('http://127.0.0.1:1') }
  const services = [await pod(t, 'one', { partitions: [] }), away]
  const asked = { release: 'transfers', groupId: undefined, topic: undefined }
  await assert.rejects(readPodLag(services, asked), {
    code: 'OCC_ADMIN_UNREACHABLE',
    message: /^pod\/two\/lag does not answer: /,
  })
})
