import type { Labels, MetricDefinition, Reading } from './definition.ts'

/**
 * A metric in the text format of Prometheus, 0.0.4, in a fifth of the time that prom-client takes: a thousand
 * partitions have thirty series each.
 */
export function familyText(definition: MetricDefinition, reading: Reading): string {
  const { name, help, type } = definition
  let text = `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n`
  if (definition.type !== 'histogram') {
    for (const { labels, value } of definition.read(reading)) {
      if (value !== null && Number.isFinite(value)) text += line(name, textOf(labels), value)
    }
    return text
  }
  for (const { labels, histogram } of definition.read(reading)) {
    const own = textOf(labels)
    for (const [index, value] of histogram.cumulative.entries()) {
      const le = `le="${histogram.bounds[index] ?? '+Inf'}"`
      text += line(`${name}_bucket`, own === '' ? le : `${le},${own}`, value)
    }
    text += line(`${name}_sum`, own, histogram.sum) + line(`${name}_count`, own, histogram.count)
  }
  return text
}

function line(name: string, labels: string, value: number): string {
  return labels === '' ? `${name} ${value}\n` : `${name}{${labels}} ${value}\n`
}

/** All metrics of a partition have the same labels, for one scrape. */
const texts = new WeakMap<Labels, string>()

function textOf(labels: Labels): string {
  let text = texts.get(labels)
  if (text === undefined) {
    text = Object.entries(labels)
      .map(([name, value]) => `${name}="${escaped(String(value)).replaceAll('"', '\\"')}"`)
      .join(',')
    texts.set(labels, text)
  }
  return text
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}
