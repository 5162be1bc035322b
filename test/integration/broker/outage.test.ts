import assert from 'node:assert/strict'
import { test } from 'node:test'
import { consuming, numbered, until, useOwnKafka } from '../harness.ts'

const embedded = useOwnKafka()

test('a member gets over a killed broker by itself, in its old generation', async (t) => {
  await embedded.createTopic('outage', 2)
  await embedded.produce('outage', numbered(200, 'before'), 0)
  const service = consuming(t, embedded, {
    // The session of a member id left behind would hold the group up for ten minutes.
    member: {
      groupId: 'outage',
      topics: ['outage'],
      sessionTimeout: 600_000,
      rebalanceTimeout: 600_000,
    },
  })
  const { member, joined } = service.join()
  await until(() => service.handled.length === 200, 'the records before')
  await until(async () => (await embedded.committed('outage', 'outage'))[0] === 200, 'their commit')
  await joined()
  const { generation } = member.view

  await embedded.kafka.kill()
  await until(
    () => member.view.state === 'connecting' && member.view.reason !== null,
    () => `it to notice, ${JSON.stringify(member.view)}`,
  )
  assert.match(member.view.reason ?? '', /broker/)
  await embedded.kafka.start()
  await embedded.produce('outage', numbered(200, 'after'), 0)
  await embedded.produce('outage', numbered(200, 'other'), 1)
  await until(
    () => service.handled.length >= 600,
    () => `the records after, ${service.handled.length}, ${JSON.stringify(member.view)}`,
  )
  assert.equal(new Set(service.values()).size, 600)
  assert.equal(service.handled.length, 600)
  // It keeps what it has for as long as its session lasts: there was nothing to rejoin for.
  assert.equal(member.view.generation, generation)
  assert.equal(service.meters.process.restarts, 0)
  await until(
    async () => String(await embedded.committed('outage', 'outage')) === '400,200',
    'the commits',
  )
})

test('a broker that stays away longer than the restart window ends the member', async (t) => {
  await embedded.createTopic('lost')
  const member = { groupId: 'lost', topics: ['lost'], restartWindow: 1_500 }
  const service = consuming(t, embedded, { member })
  const joined = service.join()
  await joined.joined()
  await embedded.kafka.kill()
  await assert.rejects(joined.running, {
    code: 'OCC_BROKER_LOST',
    message: /kafka\.restartWindow/,
  })
})
