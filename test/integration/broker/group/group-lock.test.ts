import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { leaveGroup } from '../../../../dev/kafka/cluster-requests.ts'
import { type GroupLock, lockGroup } from '../../../../src/broker/group/group-lock.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
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
  const { groups } = await embedded.admin.describeGroups(['dropped'])
  const memberId = groups[0]?.members[0]?.memberId ?? ''
  await leaveGroup(embedded.kafka.bootstrap[0] ?? '', 'dropped', memberId)
  assert.equal(await first?.isHeld(), false)
  const second = await take(t, 'dropped')
  assert.equal(await second?.isHeld(), true)
  assert.equal(await first?.isHeld(), false)
})
