import { codeOf, messageOf } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { Clock } from '../kernel/time/clock.ts'
import { isConflict, isNotFound } from './client/api-errors.ts'
import { createComplaints } from './complaints.ts'
import type { Lease, LeaseStore, StoredLease } from './lease.ts'

export interface ElectionOptions {
  /** Identity of this candidate: the name of the pod. */
  readonly identity: string
  /** Milliseconds without a renewal after which the others consider a leader dead. */
  readonly duration: number
}

export interface Election {
  /** Synchronous; true only while no other candidate can consider this one dead. */
  isLeader(): boolean
  /** Looks at the Lease once; resolves with the milliseconds until the next look. Never rejects. */
  turn(): Promise<number>
  /** Releases the Lease, so that another candidate takes it at its next look. Never rejects. */
  release(): Promise<void>
}

export interface ElectionDependencies {
  readonly store: LeaseStore
  readonly clock: Clock
  readonly log: Log
  readonly countError: (code: string) => void
  /** 0 to 1; spreads the looks of the pods of one release. */
  readonly random?: () => number
}

/** Milliseconds between the looks of a candidate: the longest time a released Lease stays free. */
const LOOK = 2_000

/**
 * Leader election by a Lease, as in client-go. A candidate never compares clocks of different
 * machines: it considers the leader dead when the Lease has not changed for its duration by the
 * candidate's own monotonic clock. Of two concurrent writes, the resourceVersion admits one.
 */
export function createElection(
  { identity, duration }: ElectionOptions,
  { store, clock, log, countError, random = Math.random }: ElectionDependencies,
): Election {
  /** The Lease as last seen, since when it is unchanged, and how long until it may be taken. */
  let seen: { lease: StoredLease | null; since: number; wait: number } | null = null
  /** `Clock.monotonic()` just before the last successful renewal; null: not the leader. */
  let renewed: number | null = null
  const complaints = createComplaints('Leader election', log, countError)
  let released = false

  function look(lease: StoredLease | null): void {
    if (seen !== null && seen.lease?.resourceVersion === lease?.resourceVersion) return
    // A deleted Lease still has a leader until that leader notices.
    const wait = patienceWith(lease ?? seen?.lease ?? null)
    seen = { lease, since: clock.monotonic(), wait }
  }

  function patienceWith(lease: StoredLease | null): number {
    if (lease === null || lease.holder === '' || lease.holder === identity) return 0
    return Math.max(lease.durationSeconds, 1) * 1000
  }

  /**
   * Leads for less than the Lease's duration: the others start their clocks at the same time or
   * later.
   */
  const isLeader = () => renewed !== null && clock.monotonic() - renewed < duration * (2 / 3)

  async function write(previous: StoredLease | null): Promise<void> {
    const begun = clock.monotonic()
    const now = clock.now()
    const isMine = previous?.holder === identity
    const next: Lease = {
      holder: identity,
      durationSeconds: Math.ceil(duration / 1000),
      acquireTime: isMine ? previous.acquireTime : now,
      renewTime: now,
      transitions: previous === null ? 0 : previous.transitions + (isMine ? 0 : 1),
    }
    look(await store.write(next, previous))
    if (renewed === null) {
      log.info({ event: 'leader.elected', identity }, `Leading: ${taken(previous)}`)
    }
    renewed = begun
  }

  function lost(why: string): void {
    if (renewed === null) return
    renewed = null
    log.warn({ event: 'leader.lost' }, `No longer leading: ${why}`)
  }

  function notice(lease: StoredLease | null): void {
    look(lease)
    if (lease !== null && lease.holder !== identity) lost(`${lease.holder || 'nobody'} holds it`)
  }

  async function stand(): Promise<void> {
    const lease = isLeader() && seen !== null ? seen.lease : await store.read()
    notice(lease)
    if (seen === null || clock.monotonic() - seen.since < seen.wait) return
    try {
      await write(lease)
    } catch (error) {
      // Another candidate wrote first, or somebody deleted the Lease.
      if (!isConflict(error) && !(isNotFound(error) && lease !== null)) throw error
      seen = null
      notice(await store.read())
    }
  }

  async function turn(): Promise<number> {
    if (released) return duration
    const fine = await complaints.attempt(stand)
    if (!isLeader()) lost('the Lease could not be renewed in time')
    const leads = fine && isLeader() && seen !== null
    return (leads ? duration / 3 : Math.min(LOOK, duration / 5)) * (0.8 + 0.2 * random())
  }

  return {
    isLeader,
    turn,
    async release() {
      released = true
      const mine = isLeader() ? seen?.lease : undefined
      renewed = null
      if (mine === undefined || mine === null) return
      try {
        const renewTime = clock.now()
        await store.write({ ...mine, holder: '', durationSeconds: 1, renewTime }, mine)
        log.info({ event: 'leader.released' }, 'Released the Lease')
      } catch (error) {
        log.warn({ event: 'leader.release-failed', code: codeOf(error) }, messageOf(error))
      }
    },
  }
}

function taken(previous: StoredLease | null): string {
  if (previous === null) return 'there was no Lease'
  return previous.holder === '' ? 'the Lease was released' : `after ${previous.holder}`
}
