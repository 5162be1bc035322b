import { OccError } from '../../../src/kernel/errors.ts'
import type { Clock } from '../../../src/kernel/time/clock.ts'
import type { ClusterEvent, EventRecorder } from '../../../src/kubernetes/events/recorder.ts'
import type { Lease, LeaseStore, StoredLease } from '../../../src/kubernetes/lease.ts'

export const POD = { apiVersion: 'v1', kind: 'Pod', name: 'consumer-0', uid: 'pod-uid' }
export const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'c', uid: 'dep-uid' }

export interface HandClock extends Clock {
  time: number
}

/** Stands still until a test sets `time`, milliseconds. */
export function handClock(): HandClock {
  return {
    time: 1_700_000_000_000,
    now() {
      return this.time
    },
    monotonic() {
      return this.time
    },
  }
}

export interface FakeStore extends LeaseStore {
  lease: StoredLease | null
  /** Thrown by the next calls while it is set, as when the API server is away. */
  error: Error | null
  reads: number
}

/** One Lease, which refuses to be written over what the writer has not seen. */
export function fakeStore(): FakeStore {
  let version = 0
  return {
    lease: null,
    error: null,
    reads: 0,
    async read() {
      if (this.error !== null) throw this.error
      this.reads += 1
      return this.lease
    },
    async write(lease: Lease, previous) {
      if (this.error !== null) throw this.error
      if (previous !== null && this.lease === null) {
        throw new OccError('OCC_KUBERNETES_NOT_FOUND', 'gone')
      }
      if (this.lease?.resourceVersion !== previous?.resourceVersion) {
        throw new OccError('OCC_KUBERNETES_CONFLICT', 'another one was faster')
      }
      version += 1
      this.lease = { ...lease, resourceVersion: String(version) }
      return this.lease
    },
  }
}

export interface FakeRecorder extends EventRecorder {
  /** `reason: note` of each Event written, with its count where it was repeated. */
  readonly said: string[]
  readonly events: ClusterEvent[]
  error: Error | null
}

export function fakeRecorder(): FakeRecorder {
  return {
    said: [],
    events: [],
    error: null,
    async record(event) {
      if (this.error !== null) throw this.error
      this.said.push(`${event.reason}: ${event.note}`)
      this.events.push(event)
      return { name: `event-${this.said.length}`, event, count: 1 }
    },
    async repeat({ name, event, count }) {
      this.said.push(`${event.reason} x${count + 1}`)
      return { name, event, count: count + 1 }
    },
  }
}
