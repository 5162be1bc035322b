import type { Values } from './values.ts'

/**
 * Scaling by KEDA in steps that a test can wait for. The chart's own steps are slow on purpose: each
 * one is a rebalance, and rebalances make lag.
 */
export function quickScaling(over: Values = {}): Values {
  const step = { type: 'Pods', value: 4, periodSeconds: 15 }
  return {
    mode: 'keda',
    trigger: 'kafka',
    minReplicas: 1,
    behavior: {
      scaleUp: { stabilizationWindowSeconds: 0, policies: [step] },
      scaleDown: { stabilizationWindowSeconds: 30, policies: [step] },
    },
    keda: { pollingInterval: 5 },
    ...over,
  }
}
