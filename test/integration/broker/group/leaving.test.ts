import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OK, type Outcome } from '../../../../src/kernel/shapes/outcome.ts'
import { consuming, numbered, until, useKafka } from '../../harness.ts'

const embedded = useKafka()
/** A member left behind would hold the next one up for ten minutes. */
const LONG = { sessionTimeout: 600_000, rebalanceTimeout: 600_000 }

async function membersOf(groupId: string): Promise<number> {
  const { groups } = await embedded.admin.describeGroups([groupId])
  return groups[0]?.members.length ?? 0
}

test('a member that is stopped while it joins is not left behind in the group', async (t) => {
  await embedded.createTopic('joining', 2)
  const service = consuming(t, embedded, {
    member: { groupId: 'joining', topics: ['joining'], ...LONG },
  })
  for (let round = 0; round < 5; round++) {
    const { member, leave } = service.join()
    // Too short a state to be asked for every 20 ms.
    while (member.view.state === 'connecting') await new Promise(setImmediate)
    assert.equal(member.view.state, 'joining')
    await leave()
    assert.equal(member.view.state, 'stopped')
    assert.equal(await membersOf('joining'), 0)
  }
  await service.join().joined()
})

test('a member that cannot begin ends with an error, and leaves the group when it is stopped', async (t) => {
  await embedded.createTopic('nothing')
  const group = {
    groupId: 'nothing',
    topics: ['nothing'],
    autoOffsetReset: 'none',
    ...LONG,
  } as const
  const service = consuming(t, embedded, { member: group })
  for (let round = 0; round < 5; round++) {
    const { member, running } = service.join()
    await assert.rejects(running, { code: 'OCC_NO_OFFSET' })
    await member.stop(5_000)
    assert.equal(await membersOf('nothing'), 0)
  }
})

test('what is in flight is finished and committed before leaving; nothing is fetched meanwhile', async (t) => {
  await embedded.createTopic('stopping', 2)
  await embedded.produce('stopping', numbered(10), 0)
  const held = Promise.withResolvers<Outcome>()
  const service = consuming(t, embedded, {
    member: { groupId: 'stopping', topics: ['stopping'] },
    commitInterval: 3_600_000,
    process: ({ offset }) => (offset === 7 ? held.promise : OK),
  })
  const { member, leave } = service.join()
  await until(() => service.handled.length === 7, 'the record that takes long')
  let left = false
  const leaving = leave().then(() => {
    left = true
  })
  // Fetched and thrown away, again and again, if its partition were not paused.
  await embedded.produce('stopping', numbered(10), 1)
  const before = service.meters.process.fetches
  const turn = member.view.lastTurn
  await until(() => member.view.lastTurn > turn + 1_000, 'its loop to turn for a second')
  const fetches = service.meters.process.fetches - before
  assert.equal(left, false)
  held.resolve(OK)
  await leaving
  assert.equal(service.handled.length, 8)
  assert.deepEqual(await embedded.committed('stopping', 'stopping'), [8, 0])
  assert.ok(fetches < 30, `${fetches} fetches in a second of waiting`)
})

test('what others give up goes past a member that is about to leave, and what it has stays until then', async (t) => {
  await embedded.createTopic('retiring', 6)
  const held = Promise.withResolvers<Outcome>()
  const group = { groupId: 'retiring', topics: ['retiring'], ...LONG }
  const service = consuming(t, embedded, {
    member: group,
    process: ({ value }) => (String(value).startsWith('held') ? held.promise : OK),
  })
  const [going, gone, staying] = [service.join(), service.join(), service.join()]
  const counts = () => [going, gone, staying].map((each) => each.partitions().length)
  await until(
    () => counts().every((count) => count === 2),
    () => `two partitions each, ${counts()}`,
  )
  const own = going.partitions()
  await embedded.produce('retiring', ['held'], own[0] ?? 0)
  const inFlight = () => service.engine.partitions().some((each) => each.inFlight > 0)
  await until(inFlight, 'the record that takes long')
  const before = going.assigned.flat().length
  going.member.retire()
  await gone.leave()
  await until(
    () => staying.partitions().length === 4,
    () => `those of the one that left, ${counts()}`,
  )
  assert.deepEqual(going.partitions(), own)
  assert.equal(going.assigned.flat().length, before, 'it was given nothing more')
  held.resolve(OK)
  await going.leave()
  await until(
    () => staying.partitions().length === 6,
    () => `all of them, ${counts()}`,
  )
  await until(
    async () => (await embedded.committed('retiring', 'retiring'))[own[0] ?? 0] === 1,
    'the commit of what took long',
  )
})
