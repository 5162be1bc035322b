import { randomUUID } from 'node:crypto'
import type { Clock } from '../../kernel/time/clock.ts'
import { fieldManager, type KubernetesApi, type ObjectReference } from '../client/api.ts'
import { isNotFound } from '../client/api-errors.ts'

/** An Event as a line of `kubectl describe`. */
export interface ClusterEvent {
  readonly regarding: ObjectReference
  readonly type: 'Normal' | 'Warning'
  /** CamelCase; docs/kubernetes.md lists them. */
  readonly reason: string
  /** What was done or should be done, CamelCase: `PatchMaximum`. */
  readonly action: string
  /** For people. Cut at 1,024 bytes, the limit of Kubernetes. */
  readonly note: string
}

/** A written Event, kept to repeat it while it lasts. */
export interface RecordedEvent {
  readonly name: string
  readonly event: ClusterEvent
  readonly count: number
}

export interface EventRecorder {
  /** Rejects with an OccError if the API server refuses it. */
  record(event: ClusterEvent): Promise<RecordedEvent>
  /** Counts the same Event once more, or writes it again if Kubernetes has deleted it. */
  repeat(recorded: RecordedEvent): Promise<RecordedEvent>
}

const EVENTS = { group: 'events.k8s.io', resource: 'events' } as const

/** The reporter shown by `kubectl get events`. */
export const REPORTER = 'onchain-consumer'

/** @param instance Reporting instance: the name of the pod. */
export function createEventRecorder(
  api: KubernetesApi,
  instance: string,
  clock: Clock,
): EventRecorder {
  const { namespace, events } = api
  const recorder: EventRecorder = {
    async record(event) {
      const body = {
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { name: `${event.regarding.name.slice(0, 200)}.${randomUUID()}` },
        eventTime: api.microTime(clock.now()),
        reportingController: REPORTER,
        reportingInstance: instance.slice(0, 128),
        action: event.action,
        reason: event.reason,
        type: event.type,
        regarding: { ...event.regarding, namespace },
        note: cut(event.note, 1024),
      }
      const { metadata } = await api.ask({ verb: 'create', ...EVENTS }, () =>
        events.createNamespacedEvent({ namespace, body, fieldManager }),
      )
      return { name: metadata?.name ?? body.metadata.name, event, count: 1 }
    },
    async repeat({ name, event, count }) {
      const body = { series: { count: count + 1, lastObservedTime: api.microTime(clock.now()) } }
      try {
        const { series } = await api.ask({ verb: 'patch', ...EVENTS, name }, () =>
          events.patchNamespacedEvent({ name, namespace, body, fieldManager }, api.mergePatch),
        )
        return { name, event, count: series?.count ?? count + 1 }
      } catch (error) {
        if (isNotFound(error)) return recorder.record(event)
        throw error
      }
    },
  }
  return recorder
}

/** At most `bytes` bytes of UTF-8, with an ellipsis if text was removed. */
function cut(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text
  let end = bytes - 3
  const buffer = Buffer.from(text)
  // Do not cut inside a character: its further bytes begin with the bits 10.
  while (((buffer[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return `${buffer.toString('utf8', 0, end)}...`
}
