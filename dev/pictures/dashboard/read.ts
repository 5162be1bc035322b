import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../../src/kernel/errors.ts'
import { root } from '../../tools.ts'
import { type Prometheus, type Range, SCRAPE_INTERVAL, type Series } from '../prometheus.ts'

interface Target {
  readonly expr: string
  readonly legendFormat: string
}

/** As much of a panel of Grafana as is drawn. */
export interface Panel {
  readonly type: 'row' | 'stat' | 'timeseries'
  readonly title: string
  readonly description?: string
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>
  readonly targets?: readonly Target[]
  readonly options?: { readonly textMode?: string }
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit: string
      readonly decimals?: number
      readonly noValue?: string
      readonly thresholds?: {
        readonly steps: ReadonlyArray<{ readonly color: string; readonly value: number | null }>
      }
      readonly custom?: { readonly stacking: { readonly mode: string } }
    }
  }
}

interface Variable {
  readonly name: string
  readonly type: string
  readonly definition?: string
  readonly regex?: string
  readonly allValue?: string
}

/** A series under the name that the legend gives it. */
export interface Line extends Pick<Series, 'points'> {
  readonly name: string
}

/** A panel, and what Prometheus has for it. */
export interface Answered {
  readonly panel: Panel
  /** Over the whole range. */
  readonly lines: readonly Line[]
  /** At its end: what a stat shows. */
  readonly last: readonly Line[]
  /** What Prometheus refused. */
  readonly errors: readonly string[]
}

/** Asks for all panels of the chart's dashboard, its variables filled in as Grafana does. */
export async function readDashboard(prometheus: Prometheus, range: Range): Promise<Answered[]> {
  const file = join(root, 'helm/onchain-consumer/dashboards/onchain-consumer.json')
  const { panels, templating } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly panels: readonly Panel[]
    readonly templating: { readonly list: readonly Variable[] }
  }
  const filled = await variablesOf(prometheus, templating.list)
  // As Grafana has it for a data source that knows the scrape interval.
  const rate = Math.max(range.step + SCRAPE_INTERVAL, 4 * SCRAPE_INTERVAL)
  const values = new Map([...filled, ['__rate_interval', `${rate}s`]])

  async function answered(panel: Panel): Promise<Answered> {
    const lines: Line[] = []
    const last: Line[] = []
    const errors: string[] = []
    for (const { expr, legendFormat } of panel.targets ?? []) {
      const query = fillIn(expr, values)
      const named = (series: readonly Series[]) =>
        series.map(({ labels, points }) => ({ name: legendOf(legendFormat, labels), points }))
      try {
        lines.push(...named(await prometheus.range(query, range)))
        if (panel.type === 'stat') last.push(...named(await prometheus.instant(query, range.end)))
      } catch (error) {
        errors.push(`${query}: ${messageOf(error)}`)
      }
    }
    return { panel, lines, last, errors }
  }

  const all: Answered[] = []
  for (const panel of panels) all.push(await answered(panel))
  return all
}

/** The first value of each, as for somebody who opens the dashboard; all topics. */
async function variablesOf(
  prometheus: Prometheus,
  variables: readonly Variable[],
): Promise<Map<string, string>> {
  const values = new Map<string, string>()
  for (const { name, type, definition = '', regex, allValue } of variables) {
    if (type !== 'query') continue
    const [, selector, label] = /^label_values\((.+), (\w+)\)$/.exec(definition) ?? []
    if (selector === undefined || label === undefined) {
      throw new Error(`the variable ${name} of the dashboard is no label_values(...)`)
    }
    const found = await prometheus.labelValues(fillIn(selector, values), label)
    const part = regex === undefined ? /^(.*)$/ : new RegExp(regex.slice(1, -1))
    const [value] = found.flatMap((each) => part.exec(each)?.[1] ?? [])
    if (value === undefined) throw new Error(`the variable ${name} of the dashboard has no values`)
    values.set(name, allValue ?? value)
  }
  return values
}

function fillIn(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$(\w+)/g, (_, name) => {
    const value = values.get(name)
    if (value === undefined) throw new Error(`nothing is known of the variable ${name}`)
    return value
  })
}

function legendOf(format: string, labels: Readonly<Record<string, string>>): string {
  return format.replaceAll(/\{\{(\w+)\}\}/g, (_, label) => labels[label] ?? '')
}
