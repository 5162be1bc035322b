import type { V1Lease, V1MicroTime } from '@kubernetes/client-node'
import { fieldManager, type KubernetesApi } from './client/api.ts'
import { isNotFound } from './client/api-errors.ts'

/** The fields of a coordination.k8s.io/v1 Lease that the election uses. */
export interface Lease {
  /** The leader; empty if the Lease was released. */
  readonly holder: string
  readonly durationSeconds: number
  /** When this holder began to lead, and its last renewal: milliseconds since the epoch. */
  readonly acquireTime: number
  readonly renewTime: number
  /** How often the holder changed. */
  readonly transitions: number
}

/** A Lease as read: written back only if nobody wrote it in between. */
export interface StoredLease extends Lease {
  readonly resourceVersion: string
}

export interface LeaseStore {
  /** null if there is no Lease yet. */
  read(): Promise<StoredLease | null>
  /** Rejects with OCC_KUBERNETES_CONFLICT if another client wrote first. */
  write(lease: Lease, previous: StoredLease | null): Promise<StoredLease>
}

const LEASES = { group: 'coordination.k8s.io', resource: 'leases' } as const

export function createLeaseStore(api: KubernetesApi, name: string): LeaseStore {
  const { namespace, coordination } = api
  const named = { name, namespace }

  function toObject(lease: Lease, previous: StoredLease | null): V1Lease {
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
        acquireTime: api.microTime(lease.acquireTime),
        renewTime: api.microTime(lease.renewTime),
        leaseTransitions: lease.transitions,
      },
    }
  }

  return {
    async read() {
      try {
        return fromObject(
          await api.ask({ verb: 'get', ...LEASES, name }, () =>
            coordination.readNamespacedLease(named),
          ),
        )
      } catch (error) {
        if (isNotFound(error)) return null
        throw error
      }
    },
    async write(lease, previous) {
      const body = toObject(lease, previous)
      const written =
        previous === null
          ? await api.ask({ verb: 'create', ...LEASES }, () =>
              coordination.createNamespacedLease({ namespace, body, fieldManager }),
            )
          : await api.ask({ verb: 'update', ...LEASES, name }, () =>
              coordination.replaceNamespacedLease({ ...named, body, fieldManager }),
            )
      return fromObject(written)
    },
  }
}

function fromObject({ spec, metadata }: V1Lease): StoredLease {
  return {
    holder: spec?.holderIdentity ?? '',
    durationSeconds: spec?.leaseDurationSeconds ?? 0,
    acquireTime: timeOf(spec?.acquireTime),
    renewTime: timeOf(spec?.renewTime),
    transitions: spec?.leaseTransitions ?? 0,
    resourceVersion: metadata?.resourceVersion ?? '',
  }
}

/** The library declares a V1MicroTime but returns the text of the answer. */
function timeOf(time: V1MicroTime | string | undefined): number {
  return time === undefined ? 0 : new Date(time).getTime()
}
