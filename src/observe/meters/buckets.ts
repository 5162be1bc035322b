/**
 * Upper bounds of the histograms, in seconds. They follow measurements: a 4 kB record decodes in
 * tens of microseconds, one of 1 MB in tens of milliseconds. Providers keep data for at least 4
 * hours, so the bounds of end-to-end latency end there.
 */
export const BUCKETS = {
  decode: [
    0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
    0.1, 0.25, 1,
  ],
  handle: [0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60],
  endToEnd: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400],
  commit: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  rebalance: [0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 15, 30, 60, 120],
  fetch: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
} as const satisfies Record<string, readonly number[]>
