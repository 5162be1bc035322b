import { boolean, checked, choice, duration, optional, section, setting, text } from './fields.ts'
import { checkObjectName } from './names.ts'

const name = () => checked(text(), checkObjectName)

const partitionSyncSection = section(
  'One pod keeps the maximum of the autoscaler equal to the number of partitions.',
  {
    enabled: setting(boolean(), { description: 'Whether it does.', default: false }),
    kind: setting(choice(['ScaledObject', 'HorizontalPodAutoscaler']), {
      description: 'What holds the maximum: a ScaledObject, or an HPA that KEDA does not own.',
      default: 'ScaledObject',
    }),
    name: optional(name(), {
      description: 'Name of that object, in the namespace of the pod. Needed when enabled.',
      example: 'onchain-consumer',
    }),
    interval: setting(duration('1s', '1h'), {
      description: 'How often the two are compared.',
      default: '30s',
    }),
  },
)

const scalingHoldSection = section(
  'While a circuit is open or an operator has paused, the leader pauses KEDA at the present number of pods.',
  {
    enabled: setting(boolean(), {
      description:
        'Whether it does; needs `kubernetes.partitionSync` with a ScaledObject, and its `interval` counts.',
      default: false,
    }),
  },
)

const eventsSection = section('What an operator should see in `kubectl describe`.', {
  enabled: setting(boolean(), {
    description:
      'Kubernetes Events: scaling advice, why a pod is not ready, certificates that expire.',
    default: false,
  }),
  certificateWarning: setting(duration('1h', '365d'), {
    description: 'How long before its end a certificate is warned of.',
    default: '14d',
  }),
})

const deletionCostSection = section('A scale-down takes the pod with the least work.', {
  enabled: setting(boolean(), {
    description: 'Whether the pod writes its partitions and lag into its annotation.',
    default: false,
  }),
  interval: setting(duration('1s', '1h'), {
    description: 'It is written at most this often, and only when it changed.',
    default: '30s',
  }),
})

export const kubernetesSection = section(
  'What the service does in its cluster; docs/kubernetes.md has the Role for each part.',
  {
    podName: optional(name(), {
      description: 'Name of this pod, by the downward API (metadata.name).',
      env: 'POD_NAME',
      example: 'onchain-consumer-6d5f7c9b8-x2x7q',
    }),
    podNamespace: optional(name(), {
      description: 'Its namespace, by the downward API (metadata.namespace).',
      env: 'POD_NAMESPACE',
      example: 'default',
    }),
    leaseName: setting(name(), {
      description:
        'Lease by which the pods of one release choose a leader: another release in the namespace needs another name.',
      default: 'onchain-consumer',
    }),
    leaseDuration: setting(duration('3s', '10m'), {
      description: 'A leader that has not renewed its Lease for this long is taken for dead.',
      default: '15s',
    }),
    partitionSync: partitionSyncSection.prefault({}),
    scalingHold: scalingHoldSection.prefault({}),
    events: eventsSection.prefault({}),
    deletionCost: deletionCostSection.prefault({}),
  },
)
