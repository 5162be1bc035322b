import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Links } from '../../../../src/broker/cluster/links.ts'
import { Coordinator } from '../../../../src/broker/group/coordinator.ts'
import { type GroupLock, lockGroup } from '../../../../src/broker/group/group-lock.ts'
import { describeGroupsApi, leaveGroupApi } from '../../../../src/broker/protocol/index.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
import { systemClock } from '../../../../src/kernel/time/clock.ts'
import { useKafka } from '../../harness.ts'

const embedded = useKafka()

async function take(t: TestContext, name: string): Promise<GroupLock | null> {
  const lock = await lockGroup(embedded.broker, name, silentLog)
  if (lock !== null) t.after(() => lock.release())
  return lock
}

test('of several at once one gets the lock, and keeps it while others try', async (t) => {
  const taken = await Promise.all([1, 2, 3].map(() => take(t, 'contended')))
  const holders = taken.filter((lock) => lock !== null)
  assert.equal(holders.length, 1)
  assert.equal(await take(t, 'contended'), null)
  assert.equal(await holders[0]?.isHeld(), true)
})

test('it is free once it was released, and other names are other locks', async (t) => {
  const first = await take(t, 'one')
  assert.ok(first !== null && (await take(t, 'other')) !== null)
  await first.release()
  const second = await take(t, 'one')
  assert.equal(await second?.isHeld(), true)
})

test('whom the brokers have dropped has it no more, and the next one gets it', async (t) => {
  const first = await take(t, 'dropped')
  const links = new Links(embedded.broker, silentLog)
  t.after(() => links.close())
  const coordinator = new Coordinator(links, 'dropped', systemClock)
  const { groups } = await coordinator.send(
    describeGroupsApi,
    { groups: ['dropped'] },
    'group',
    10_000,
  )
  const memberId = groups[0]?.members[0]?.memberId ?? ''
  await coordinator.send(
    leaveGroupApi,
    { groupId: 'dropped', memberId, groupInstanceId: null },
    'group',
    10_000,
  )
  assert.equal(await first?.isHeld(), false)
  const second = await take(t, 'dropped')
  assert.equal(await second?.isHeld(), true)
  assert.equal(await first?.isHeld(), false)
})
