/** From when on something is said: the defaults of `monitoring.rules.thresholds` in the chart. */
export const LIMITS = {
  headroomWarningMinutes: 30,
  headroomCriticalMinutes: 10,
  lagSeconds: 300,
  inFlightSeconds: 300,
  transactionMinutes: 10,
  throttledPercent: 20,
  rebalances: 10,
  workerDeaths: 3,
} as const

/** What is younger may be in transit: no loss is near because of it. Seconds. */
export const SHORTEST_DELAY = 60
