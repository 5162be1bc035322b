import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLink } from '../../../../src/broker/connection/link.ts'
import { findCoordinatorApi, leaveGroupApi } from '../../../../src/broker/protocol/index.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
import { OK, type Outcome } from '../../../../src/kernel/shapes/outcome.ts'
import { type Consuming, consuming, numbered, until, useOwnKafka } from '../../harness.ts'

// What comes between the two rounds in which a partition moves.
const embedded = useOwnKafka({ nodes: 3 })

async function linkToCoordinator(groupId: string) {
  const [first = ''] = embedded.kafka.bootstrap
  const asked = openLink(addressOf(first), embedded.broker, silentLog)
  const { id, host, port } = await asked.send(findCoordinatorApi, { groupId })
  asked.close()
  return { id, link: openLink({ host, port }, embedded.broker, silentLog) }
}

function addressOf(address: string) {
  const [host = '', port] = address.split(':')
  return { host, port: Number(port) }
}

/** The handler holds each first record of a partition until it is let go. */
function createHolding() {
  const gate = Promise.withResolvers<Outcome>()
  const handlings: string[] = []
  return {
    handlings,
    letGo: () => gate.resolve(OK),
    process: ({ partition, offset }: { partition: number; offset: number }) => {
      handlings.push(`${partition}/${offset}`)
      return offset === 0 ? gate.promise : OK
    },
  }
}

async function produceAll(topic: string, partitions: number, count: number): Promise<void> {
  for (let partition = 0; partition < partitions; partition++) {
    await embedded.produce(topic, numbered(count, `of-${partition}`), partition)
  }
}

function assertEach(service: Consuming, partitions: number, count: number): void {
  const handled = new Set(service.handled.map(({ partition, offset }) => `${partition}/${offset}`))
  assert.equal(handled.size, partitions * count)
}

test('the coordinator dies while a member drains what it gives up: committed with the next one, nothing repeated', async (t) => {
  await embedded.kafka.cluster.createTopic('mid-join', { partitions: 4 })
  await produceAll('mid-join', 4, 50)
  const holding = createHolding()
  const service = consuming(t, embedded, {
    member: { groupId: 'mid-join', topics: ['mid-join'] },
    process: holding.process,
    rebalanceDrain: 30_000,
  })
  const a = service.join()
  await until(() => holding.handlings.length === 4, 'the first records in flight')
  const b = service.join()
  const isRevoking = () =>
    service.lines.some(
      ({ fields }) => fields.event === 'group.rebalanced' && fields['removed'] === 2,
    )
  await until(isRevoking, 'two partitions to be taken away')
  const { id, link } = await linkToCoordinator('mid-join')
  link.close()
  const coordinator = embedded.kafka.nodes[id - 1]
  assert.ok(coordinator)
  t.after(() => coordinator.start())
  await coordinator.kill()
  holding.letGo()
  await until(
    () => b.partitions().length === 2 && a.partitions().length === 2,
    () => `two each, ${a.partitions()} and ${b.partitions()}`,
  )
  await until(() => service.handled.length >= 200, 'all records')
  await until(
    async () => String(await embedded.committed('mid-join', 'mid-join')) === '50,50,50,50',
    'all commits',
  )
  assertEach(service, 4, 50)
  assert.equal(service.handled.length, 200)
  assert.equal(service.lines.filter(({ fields }) => fields.event === 'partitions.lost').length, 0)
})

test('a member is out of the group while it drains: nothing of it is committed any more', async (t) => {
  await embedded.kafka.cluster.createTopic('put-out', { partitions: 4 })
  await produceAll('put-out', 4, 50)
  const holding = createHolding()
  const service = consuming(t, embedded, {
    member: { groupId: 'put-out', topics: ['put-out'], heartbeatInterval: 5_000 },
    process: holding.process,
    rebalanceDrain: 30_000,
  })
  const a = service.join()
  await until(() => holding.handlings.length === 4, 'the first records in flight')
  const described = await embedded.admin.describeGroups(['put-out'])
  const memberId = described.groups[0]?.members[0]?.memberId ?? ''
  const b = service.join({ heartbeatInterval: 200 })
  await until(
    () =>
      service.lines.some(
        ({ fields }) => fields.event === 'group.rebalanced' && fields['removed'] === 2,
      ),
    'two partitions to be taken away',
  )
  // As the end of its session would.
  const { link } = await linkToCoordinator('put-out')
  const leaving = { groupId: 'put-out', memberId, groupInstanceId: null }
  await link.send(leaveGroupApi, leaving)
  link.close()
  // What it has in flight is finished when it is another's already.
  const isOut = () => service.lines.some(({ fields }) => fields.event === 'partitions.lost')
  await until(isOut, 'it to learn that it has lost its partitions')
  holding.letGo()
  await until(
    async () => String(await embedded.committed('put-out', 'put-out')) === '50,50,50,50',
    () => `all commits, ${JSON.stringify(service.engine.partitions())}`,
  )
  assertEach(service, 4, 50)
  // What was in flight, by both of them; no more than that.
  const again = holding.handlings.length - new Set(holding.handlings).size
  assert.ok(again >= 4, 'both had the first records')
  await until(() => a.partitions().length === 2 && b.partitions().length === 2, 'two each')
  assert.equal(String(await embedded.committed('put-out', 'put-out')), '50,50,50,50')
})

test('partitions move while nobody can tell where they begin: each record once, when their node is back', async (t) => {
  const assignments = [[1], [3], [3], [3], [2], [3]]
  await embedded.kafka.cluster.createTopic('not-begun', { assignments })
  await produceAll('not-begun', 6, 20)
  const third = embedded.kafka.nodes[2]
  assert.ok(third)
  await third.kill()
  const service = consuming(t, embedded, {
    member: { groupId: 'not-begun', topics: ['not-begun'] },
  })
  const a = service.join()
  await until(() => service.handled.length === 40, 'what has a leader')
  const waiting = () =>
    service.lines.filter(({ fields }) => fields.event === 'partition.waiting').length
  await until(() => waiting() >= 4, 'the others to be named')
  const b = service.join()
  await until(
    () =>
      [a, b].every(({ member }) => member.view.state === 'joined') &&
      service.lines.some(
        ({ fields }) => fields.event === 'group.rebalanced' && fields['added'] === 3,
      ),
    'the other one to have its share',
  )
  assert.equal(service.handled.length, 40)
  await third.start()
  await until(() => service.handled.length >= 120, 'all records')
  await until(
    async () => String(await embedded.committed('not-begun', 'not-begun')) === '20,20,20,20,20,20',
    'all commits',
  )
  assert.equal(service.handled.length, 120)
  assertEach(service, 6, 20)
})
