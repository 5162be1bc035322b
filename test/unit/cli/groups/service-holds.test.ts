import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { heldPartitions } from '../../../../src/cli/groups/service-holds.ts'
import { startHttpServer } from '../../../support/servers/http-server.ts'

async function service(t: TestContext, lag: object): Promise<URL> {
  return new URL(await startHttpServer(t, (_, response) => response.end(JSON.stringify(lag))))
}

test('what waits for somebody is held; full queues and reading are not', async (t) => {
  const reasons = ['operator', 'circuit', 'decode', 'schema', 'dead-letters', 'queue', null]
  const partitions = reasons.map((pausedBy, partition) => ({ topic: 'a', partition, pausedBy }))
  const url = await service(t, { partitions })
  assert.deepEqual([...(await heldPartitions([url], 'g'))], ['a/0', 'a/1', 'a/2', 'a/3', 'a/4'])
})

test('a pause of one group is none of another group of the same service', async (t) => {
  const url = await service(t, {
    partitions: [
      { topic: 'a', partition: 0, pausedBy: 'operator' },
      { topic: 'a', partition: 0, pausedBy: null, group: 'g.slow' },
      { topic: 'a', partition: 1, pausedBy: null },
      { topic: 'a', partition: 1, pausedBy: 'circuit', group: 'g.slow' },
    ],
    groups: [{ group: 'g' }, { group: 'g.slow' }, { group: 'g.elsewhere' }],
  })
  const held = async (group: string) => [...(await heldPartitions([url], group))]
  assert.deepEqual(await held('g'), ['a/0'])
  assert.deepEqual(await held('g.slow'), ['a/1'])
  assert.deepEqual(await held('g.elsewhere'), [])
})
