import { EVENT_LOOP_PRECISION, processMetricNames } from '../../src/observe/metrics/default.ts'
import type { MetricDefinition } from '../../src/observe/metrics/definition.ts'
import { metricTable } from '../../src/observe/metrics/table.ts'
import { table } from './chapters.ts'

/** The whole text of docs/metrics.md. */
export function renderMetricsDocs(): string {
  return [
    '# Metrics',
    '',
    '<!-- Generated from src/observe/metrics/table.ts by `npm run docs`; do not edit. -->',
    '',
    'Served at `/metrics` in the Prometheus text format. Counters start at 0 with the process.',
    '',
    'Only series of a handler with `group: own` ([handlers](handlers.md#a-group-of-its-own)) have the label',
    '`group`, the name of that group. Those of the group of the service do not have it. A sum over all',
    'series counts a record once for each group: sum `by (group)`.',
    '',
    ...metricTable.flatMap(({ title, introduction, metrics }) => [
      `## ${title}`,
      '',
      introduction,
      '',
      ...table([['metric', 'type', 'unit', 'labels', 'meaning'], ...metrics.map(metricRow)]),
      '',
    ]),
    '## Buckets',
    '',
    'Upper bounds of the histograms, in seconds; each histogram also has `+Inf`, `_sum` and `_count`.',
    '',
    ...table([
      ['histogram', 'bounds'],
      ...metricTable.flatMap(({ metrics }) => metrics.flatMap(bucketRow)),
    ]),
    '',
    '## Process',
    '',
    'The usual metrics of a Node.js process (on Linux; elsewhere a few are missing). The',
    '`nodejs_eventloop_lag_` figures (all but `nodejs_eventloop_lag_seconds`) hold the whole time',
    `between two looks at the event loop: ${EVENT_LOOP_PRECISION / 1000} s is an idle process, what is above it is delay.`,
    '',
    ...processMetricNames.map((name) => `- \`${name}\``),
    '',
  ].join('\n')
}

function metricRow({ name, type, unit, labels, help }: MetricDefinition): string[] {
  return [`\`${name}\``, type, unit, labels.map((label) => `\`${label}\``).join(', '), help]
}

function bucketRow(definition: MetricDefinition): string[][] {
  if (definition.type !== 'histogram') return []
  return [[`\`${definition.name}\``, definition.buckets.join(', ')]]
}
