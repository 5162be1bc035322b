import { type KubernetesApi, numberAt, textAt, valueAt } from './api.ts'
import { isNotFound } from './api-errors.ts'

/** A Lease of coordination.k8s.io/v1, as far as an election goes by it. */
export interface Lease {
  /** Who leads; empty when it was given up. */
  readonly holder: string
  readonly durationSeconds: number
  /** Since when this holder leads, and when it last said so: RFC 3339 with microseconds. */
  readonly acquireTime: string
  readonly renewTime: string
  /** How often the holder changed. */
  readonly transitions: number
}

/** A Lease as it was read: written back only if nobody wrote it in between. */
export interface StoredLease extends Lease {
  readonly resourceVersion: string
}

export interface LeaseStore {
  /** null when there is none yet. */
  read(): Promise<StoredLease | null>
  /** Rejects with OCC_KUBERNETES_CONFLICT when another one was faster. */
  write(lease: Lease, previous: StoredLease | null): Promise<StoredLease>
}

const LEASES = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases' } as const

export function createLeaseStore(api: KubernetesApi, name: string): LeaseStore {
  return {
    async read() {
      try {
        return fromObject(await api.call({ verb: 'get', ...LEASES, name }))
      } catch (error) {
        if (isNotFound(error)) return null
        throw error
      }
    },
    async write(lease, previous) {
      const body = toObject(lease, name, previous)
      const written =
        previous === null
          ? await api.call({ verb: 'create', ...LEASES, body })
          : await api.call({ verb: 'update', ...LEASES, name, body })
      return fromObject(written)
    },
  }
}

function toObject(lease: Lease, name: string, previous: StoredLease | null) {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      ...(previous === null ? {} : { resourceVersion: previous.resourceVersion }),
    },
    spec: {
      holderIdentity: lease.holder,
      leaseDurationSeconds: lease.durationSeconds,
      acquireTime: lease.acquireTime,
      renewTime: lease.renewTime,
      leaseTransitions: lease.transitions,
    },
  }
}

function fromObject(object: unknown): StoredLease {
  const spec = valueAt(object, 'spec')
  return {
    holder: textAt(spec, 'holderIdentity') ?? '',
    durationSeconds: numberAt(spec, 'leaseDurationSeconds') ?? 0,
    acquireTime: textAt(spec, 'acquireTime') ?? '',
    renewTime: textAt(spec, 'renewTime') ?? '',
    transitions: numberAt(spec, 'leaseTransitions') ?? 0,
    resourceVersion: textAt(object, 'metadata', 'resourceVersion') ?? '',
  }
}

/** Milliseconds since the epoch as Kubernetes' MicroTime. */
export function microTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '000Z')
}
