/** Pods that stay pending: these tests need the objects, and not what would run in them. */
export function pendingDeployment(name: string, replicas: number) {
  const labels = { app: name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          nodeSelector: { 'onchain-consumer.test/node': 'none' },
          containers: [{ name: 'pause', image: 'pause', imagePullPolicy: 'Never' }],
        },
      },
    },
  }
}

/** @param maximum `spec.maxReplicaCount`. */
export function scaledObject(name: string, deployment: string, minimum: number, maximum: number) {
  const trigger = { type: 'cron', metadata: CRON }
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name },
    spec: {
      scaleTargetRef: { name: deployment },
      minReplicaCount: minimum,
      maxReplicaCount: maximum,
      triggers: [trigger],
    },
  }
}

/** A trigger that needs nothing to read from. */
const CRON = { timezone: 'Etc/UTC', start: '0 0 1 1 *', end: '1 0 1 1 *', desiredReplicas: '1' }

export function podAutoscaler(name: string, deployment: string, minimum: number, maximum: number) {
  const target = { type: 'Utilization', averageUtilization: 80 }
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment },
      minReplicas: minimum,
      maxReplicas: maximum,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
    },
  }
}
