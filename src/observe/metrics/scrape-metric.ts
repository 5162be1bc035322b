import type { Metric } from 'prom-client'
import type { HistogramSample, MetricDefinition, Reading, Sample } from './definition.ts'

interface ExposedValue {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  readonly metricName?: string
}

/**
 * A metric that holds no values and reads them when it is scraped. It replaces the classes of
 * prom-client: the registry of prom-client 15 only uses `name`, `help`, `type` and `get()` of a
 * metric. Its types require the classes, hence the cast.
 *
 * @param current the reading of the current scrape.
 */
export function createScrapeMetric(
  definition: MetricDefinition,
  current: () => Reading,
): Metric<string> {
  const { name, help, type } = definition
  const metric = {
    name,
    help,
    type,
    // The registry calls get() of all metrics before it awaits the first, so all see one reading.
    get: async () => ({
      name,
      help,
      type,
      aggregator: 'sum',
      values: exposedValues(definition, current()),
    }),
    /** Nothing to reset: the meters hold the values. */
    reset() {},
  }
  return metric as unknown as Metric<string>
}

function exposedValues(definition: MetricDefinition, reading: Reading): ExposedValue[] {
  return definition.type === 'histogram'
    ? [...definition.read(reading)].flatMap((sample) => histogramValues(definition.name, sample))
    : [...definition.read(reading)].filter(isKnown)
}

function isKnown(sample: Sample): sample is Sample & { readonly value: number } {
  return sample.value !== null && Number.isFinite(sample.value)
}

function histogramValues(name: string, { labels, histogram }: HistogramSample): ExposedValue[] {
  const buckets = histogram.cumulative.map((value, index) => ({
    metricName: `${name}_bucket`,
    labels: { le: histogram.bounds[index] ?? '+Inf', ...labels },
    value,
  }))
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: histogram.sum },
    { metricName: `${name}_count`, labels, value: histogram.count },
  ]
}
