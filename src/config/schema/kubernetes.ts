import { boolean, checked, choice, duration, optional, section, setting, text } from './fields.ts'
import { checkObjectName } from './names.ts'

const name = () => checked(text(), checkObjectName)

const partitionSyncSection = section(
  'The leader keeps the maximum of the autoscaler equal to the number of partitions.',
  {
    enabled: setting(boolean(), { description: 'Turns this on.', default: false }),
    kind: setting(choice(['ScaledObject', 'HorizontalPodAutoscaler']), {
      description: 'Kind of the autoscaler: a ScaledObject, or an HPA that KEDA does not own.',
      default: 'ScaledObject',
    }),
    name: optional(name(), {
      description: 'Name of the autoscaler, in the namespace of the pod. Required when enabled.',
      example: 'onchain-consumer',
    }),
    interval: setting(duration('1s', '1h'), {
      description: 'How often the maximum and the partitions are compared.',
      default: '30s',
    }),
  },
)

const scalingHoldSection = section(
  'While a circuit is open or an operator has paused something, the leader pauses KEDA at the current number of pods.',
  {
    enabled: setting(boolean(), {
      description:
        'Turns this on. Requires `kubernetes.partitionSync` with a ScaledObject, and uses its `interval`.',
      default: false,
    }),
  },
)

const eventsSection = section('Kubernetes Events, which `kubectl describe` shows.', {
  enabled: setting(boolean(), {
    description: 'Writes Events: scaling advice, why a pod is not ready, certificates that expire.',
    default: false,
  }),
  certificateWarning: setting(duration('1h', '365d'), {
    description: 'How long before a certificate expires an Event warns of it.',
    default: '14d',
  }),
})

const deletionCostSection = section('A scale-down removes the pod with the least work.', {
  enabled: setting(boolean(), {
    description:
      'The pod writes its deletion cost, from its partitions and lag, into its annotation.',
    default: false,
  }),
  interval: setting(duration('1s', '1h'), {
    description: 'Min time between two writes; an unchanged cost is not written.',
    default: '30s',
  }),
})

export const kubernetesSection = section(
  'Features that use the Kubernetes API; docs/kubernetes.md has the Role for each.',
  {
    podName: optional(name(), {
      description: 'Name of this pod, from the downward API (metadata.name).',
      env: 'POD_NAME',
      example: 'onchain-consumer-6d5f7c9b8-x2x7q',
    }),
    podNamespace: optional(name(), {
      description: 'Namespace of this pod, from the downward API (metadata.namespace).',
      env: 'POD_NAMESPACE',
      example: 'default',
    }),
    leaseName: setting(name(), {
      description:
        'Lease with which the pods of one release elect a leader. Each release in a namespace needs its own name.',
      default: 'onchain-consumer',
    }),
    leaseDuration: setting(duration('3s', '10m'), {
      description: 'A leader that has not renewed its Lease for this long is considered dead.',
      default: '15s',
    }),
    partitionSync: partitionSyncSection.prefault({}),
    scalingHold: scalingHoldSection.prefault({}),
    events: eventsSection.prefault({}),
    deletionCost: deletionCostSection.prefault({}),
  },
)
