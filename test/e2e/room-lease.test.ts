import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog } from '../../src/kernel/log.ts'
import { createElection, type Election } from '../../src/kubernetes/election.ts'
import { createLeaseStore } from '../../src/kubernetes/lease.ts'
import { type Loop, startLoop } from '../../src/kubernetes/loop.ts'
import { until } from '../support/waiting.ts'
import { useNamespace } from './room/cluster.ts'
import { documentedRules } from './room/documented-rules.ts'
import { clientOf, realClock } from './room/starting.ts'

const namespace = useNamespace()
/** Milliseconds; the service's default is 15 s, which these tests need not wait for. */
const DURATION = Number(process.env['LEASE_DURATION'] ?? 4_000)

interface Candidate {
  readonly election: Election
  /** As a stopping pod does it. */
  leave(): Promise<void>
  /** As a pod that is gone: nothing more is heard of it. */
  die(): Promise<void>
}

/** All candidates of one Lease, each allowed exactly what docs/kubernetes.md says. */
async function candidates(lease: string, identities: readonly string[]) {
  const names = { 'kubernetes.leaseName': lease, 'kubernetes.partitionSync.name': '' }
  const account = await namespace.account(documentedRules(['leader election'], names))
  const api = await clientOf(namespace, account)
  const started: Array<Candidate & { loop: Loop }> = identities.map((identity) => {
    const election = createElection(
      { identity, duration: DURATION },
      {
        store: createLeaseStore(api, lease),
        clock: realClock(),
        log: silentLog,
        countError: () => {},
      },
    )
    const loop = startLoop(election.turn)
    return {
      election,
      loop,
      async leave() {
        await loop.stop()
        await election.release()
      },
      die: () => loop.stop(),
    }
  })
  const leaders = () => started.filter(({ election }) => election.isLeader())
  return {
    started,
    /** The one leader; fails when there are two at any look until then. */
    async leader(other?: Candidate) {
      await until(() => {
        assert.ok(leaders().length <= 1, 'two leaders at the same time')
        return leaders().some((candidate) => candidate !== other)
      }, 'somebody leads')
      const [only] = leaders()
      assert.ok(only)
      return only
    },
    async close() {
      await Promise.all(started.map(({ loop }) => loop.stop()))
      api.close()
    },
  }
}

async function holderOf(lease: string): Promise<string | undefined> {
  const { coordination } = namespace.admin
  const { spec } = await coordination.readNamespacedLease({
    name: lease,
    namespace: namespace.name,
  })
  return spec?.holderIdentity
}

test('of five pods that start together one leads, and kubectl shows which', async (t) => {
  const identities = ['pod-a', 'pod-b', 'pod-c', 'pod-d', 'pod-e']
  const all = await candidates('together', identities)
  t.after(all.close)
  const leader = await all.leader()
  const index = all.started.indexOf(leader)
  assert.equal(await holderOf('together'), identities[index])
})

test('a leader that stops hands over at once; nobody waits for its Lease to run out', async (t) => {
  const all = await candidates('handed-over', ['pod-a', 'pod-b'])
  t.after(all.close)
  const first = await all.leader()
  await first.leave()
  assert.ok(!first.election.isLeader())
  const since = performance.now()
  const second = await all.leader(first)
  t.diagnostic(`taken over ${Math.round(performance.now() - since)} ms after the release`)
  assert.notEqual(second, first)
})

test('a leader that dies is followed once its Lease has run out, and not before', async (t) => {
  const all = await candidates('died', ['pod-a', 'pod-b'])
  t.after(all.close)
  const first = await all.leader()
  await first.die()
  const since = performance.now()
  const second = await all.leader(first)
  t.diagnostic(`taken over ${Math.round(performance.now() - since)} ms after the death`)
  assert.notEqual(second, first)
  assert.ok(!first.election.isLeader(), 'the dead one no longer takes itself for the leader')
})

test('a Lease that somebody deletes is made again, and one pod leads as before', async (t) => {
  const all = await candidates('deleted', ['pod-a', 'pod-b'])
  t.after(all.close)
  await all.leader()
  await namespace.kubectl('delete', 'lease', 'deleted')
  await until(async () => (await holderOf('deleted').catch(() => undefined)) !== undefined, 'again')
  await all.leader()
})
