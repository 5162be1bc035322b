import type { Values } from './values.ts'

/**
 * Scaling by KEDA in steps that a test can wait for. The chart's own steps are slow on purpose: each
 * one is a rebalance, and rebalances make lag.
 */
export function quickScaling(over: Values = {}): Values {
  return {
    mode: 'keda',
    trigger: 'kafka',
    minReplicas: 1,
    behavior: quickSteps(30),
    keda: { pollingInterval: 5 },
    ...over,
  }
}

/** @param window of the scale-down, seconds */
export function quickSteps(window: number): Values {
  const step = { type: 'Pods', value: 4, periodSeconds: 15 }
  return {
    scaleUp: { stabilizationWindowSeconds: 0, policies: [step] },
    scaleDown: { stabilizationWindowSeconds: window, policies: [step] },
  }
}
