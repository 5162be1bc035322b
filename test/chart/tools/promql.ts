import { metricDefinitions } from '../../../src/observe/metrics/table.ts'

/** What Prometheus itself attaches, with either of the chart's monitors. */
const TARGET_LABELS = ['namespace', 'pod']
const HISTOGRAM_SUFFIXES = ['_bucket', '_sum', '_count']

const WORDS = new Set(
  `absent and avg avg_over_time by changes count count_over_time histogram_quantile increase le max
  max_over_time min min_over_time offset or rate sum time unless without`.split(/\s+/),
)

/** Labels of every series there is, by its name: of our own table, and of the process. */
export function knownSeries(processMetrics: readonly string[]): ReadonlyMap<string, Set<string>> {
  const known = new Map(processMetrics.map((name) => [name, new Set(TARGET_LABELS)]))
  for (const { name, type, labels } of metricDefinitions) {
    const all = [...labels, ...TARGET_LABELS]
    if (type !== 'histogram') known.set(name, new Set(all))
    else for (const suffix of HISTOGRAM_SUFFIXES) known.set(name + suffix, new Set([...all, 'le']))
  }
  return known
}

export interface Selector {
  readonly metric: string
  readonly labels: readonly string[]
}

/** The selectors of an expression. */
export function selectors(expr: string): Selector[] {
  return [...expr.matchAll(/([a-zA-Z_:][\w:]*)\{([^}]*)\}/g)].map(
    ([, metric = '', matchers = '']) => ({
      metric,
      labels: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
    }),
  )
}

/** The labels that an expression keeps, of all its `by (...)`. */
export function keptLabels(expr: string): string[] {
  return [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/))
}

/** The labels that tell the series of its result apart: none of a total over all of it. */
export function seriesLabels(expr: string): string[] {
  return isTotal(expr) ? [] : keptLabels(expr)
}

function isTotal(expr: string): boolean {
  const [outer] = /^(?:count|max|min|sum)\(/.exec(expr) ?? []
  if (outer === undefined) return false
  let depth = 1
  for (let at = outer.length; at < expr.length; at++) {
    if (expr[at] === '(') depth += 1
    if (expr[at] === ')') depth -= 1
    if (depth === 0) return at === expr.length - 1
  }
  return false
}

/**
 * What is wrong with an expression, one line each: series and labels that nothing of ours has, series
 * that are taken without a selector, and so from every release.
 */
export function problems(expr: string, known: ReadonlyMap<string, Set<string>>): string[] {
  const used = selectors(expr)
  const unknown = used.flatMap(({ metric, labels }) => {
    const own = known.get(metric)
    if (own === undefined) return [`${metric} is in no table of metrics`]
    const missing = TARGET_LABELS.filter((label) => !labels.includes(label))
    return [
      ...labels.filter((label) => !own.has(label)).map((label) => `${metric} has no ${label}`),
      ...missing.map((label) => `${metric} is taken without ${label}`),
    ]
  })
  const kept = keptLabels(expr)
    .filter((label) => !used.some(({ metric }) => known.get(metric)?.has(label)))
    .map((label) => `no series has ${label}, which is to be kept`)
  const rest = expr
    .replaceAll(/[\w:]+\{[^}]*\}/g, '')
    .replaceAll(/\b(?:by|on) \([^)]*\)/g, '')
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(/\b\d+[smhd]?\b/g, '')
  const bare = [...rest.matchAll(/[a-zA-Z_]\w*/g)]
    .map(([word]) => word)
    .filter((word) => !WORDS.has(word))
    .map((word) => `${word} is neither a function nor a series with a selector`)
  return [...unknown, ...kept, ...bare]
}
