import { Registry } from 'prom-client'
import { onceInGroup } from '../../kernel/shapes/record.ts'
import { type Clock, systemClock } from '../../kernel/time/clock.ts'
import type {
  BuildInfo,
  CertificateSource,
  Meters,
  Metrics,
  ScalingReportSource,
  StatusSource,
} from '../types.ts'
import { collectProcessMetrics } from './default.ts'
import type { Reading } from './definition.ts'
import { createScrapeMetric } from './scrape-metric.ts'
import { metricDefinitions } from './table.ts'

export interface MetricsDependencies {
  readonly meters: Meters
  readonly status: StatusSource
  readonly version: BuildInfo
  readonly scaling?: ScalingReportSource
  readonly certificates?: CertificateSource
  readonly clock?: Clock
}

/** The registry with every metric of the table and the standard ones of a Node process. */
export function createMetrics({
  meters,
  status,
  version,
  scaling,
  certificates,
  clock = systemClock,
}: MetricsDependencies): Metrics {
  const registry = new Registry()
  const read = (): Reading => {
    const now = status.status()
    const report = scaling?.report() ?? null
    return {
      meters,
      status: now,
      partitions: onceInGroup(now.partitions),
      scaling: report,
      groups: scaling?.groups?.() ?? (report === null ? [] : [{ id: '', isOwn: false, report }]),
      certificates: certificates?.certificates() ?? [],
      now: clock.now(),
      monotonic: clock.monotonic(),
      build: version,
    }
  }
  let reading: Reading | undefined
  for (const definition of metricDefinitions) {
    registry.registerMetric(createScrapeMetric(definition, () => reading ?? read()))
  }
  collectProcessMetrics(registry)
  return {
    contentType: registry.contentType,
    async render() {
      reading = read()
      const text = await registry.metrics()
      // prom-client writes `Nan`, which the format does not allow. Node's event loop histogram has
      // NaN while it is empty, for example in two scrapes right after each other.
      return text.replaceAll(/ Nan$/gm, ' NaN')
    },
  }
}
