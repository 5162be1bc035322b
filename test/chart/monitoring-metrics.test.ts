import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { root } from '../../dev/tools.ts'
import { processMetricNames } from '../../src/observe/metrics/default.ts'
import { at, chart, manifests, ofKind, renderScenario } from './tools/helm.ts'
import { knownSeries, problems, seriesLabels } from './tools/promql.ts'
import { runPromtool } from './tools/promtool.ts'
import { ruleGroups } from './tools/rules.ts'

interface Panel {
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: {
    readonly x: number
    readonly y: number
    readonly w: number
    readonly h: number
  }
  readonly targets?: ReadonlyArray<{ readonly expr: string; readonly legendFormat: string }>
}

interface Dashboard {
  readonly panels: readonly Panel[]
  readonly templating: {
    readonly list: ReadonlyArray<{ readonly name: string; readonly definition?: string }>
  }
}

const file = join(chart, 'dashboards/onchain-consumer.json')
const dashboard = JSON.parse(readFileSync(file, 'utf8')) as Dashboard
const panels = dashboard.panels.filter(({ type }) => type !== 'row')
const known = knownSeries(processMetricNames)
const rules = ruleGroups().flatMap((group) => group.rules)

/** Grafana's own variables, as some value each. */
function filledIn(expr: string): string {
  return expr.replaceAll('$__rate_interval', '1m').replaceAll('$', '')
}

test('each series and label that an alert asks for is one that the service serves', () => {
  for (const { alert, expr } of rules) assert.deepEqual(problems(expr, known), [], alert)
})

test('each series and label that the dashboard asks for is one that the service serves', () => {
  for (const { title, targets } of panels) {
    assert.ok(targets !== undefined && targets.length > 0, title)
    for (const { expr } of targets) assert.deepEqual(problems(filledIn(expr), known), [], title)
  }
  for (const { name, definition } of dashboard.templating.list) {
    const [, expr = '', label = ''] = definition?.match(/^label_values\((.+), (\w+)\)$/) ?? []
    if (name === 'datasource') continue
    const metric = expr.replace(/\{.*/, '')
    assert.ok(known.get(metric)?.has(label), `${metric} has no ${label}`)
  }
})

test('a metric that was renamed, and a label that is gone, are seen', () => {
  const renamed = new Map(known)
  renamed.delete('onchain_consumer_group_lag_records')
  const broken = [...rules, ...panels.flatMap(({ targets }) => targets ?? [])].filter(
    ({ expr }) => problems(filledIn(expr), renamed).length > 0,
  )
  assert.ok(broken.length >= 4, `${broken.length}`)
  const wrong = 'sum by (color) (onchain_consumer_ready{namespace="a",shape="b"}) + ready'
  assert.deepEqual(problems(wrong, known), [
    'onchain_consumer_ready has no shape',
    'onchain_consumer_ready is taken without pod',
    'no series has color, which is to be kept',
    'ready is neither a function nor a series with a selector',
  ])
})

test('the names of the series in a legend are labels that the query keeps', () => {
  for (const { title, targets } of panels) {
    for (const { expr, legendFormat } of targets ?? []) {
      const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label)
      const kept = seriesLabels(expr).filter((label) => label !== 'le')
      assert.deepEqual(named.sort(), kept.sort(), `${title}: ${legendFormat}`)
    }
  }
})

test('promtool understands every rule and every query of the dashboard', () => {
  const queries = panels.flatMap(({ title, targets }) =>
    (targets ?? []).map(({ expr }, index) => ({
      record: `panel:${title.replaceAll(/\W/g, '_')}:${index}`,
      expr: filledIn(expr),
    })),
  )
  const groups = [...ruleGroups(), { name: 'dashboard', rules: queries }]
  const { status, stdout, stderr } = runPromtool(['check', 'rules', 'rules.yaml'], {
    'rules.yaml': { groups },
  })
  assert.equal(status, 0, stdout + stderr)
  assert.match(stdout, new RegExp(`${rules.length + queries.length} rules found`))
})

test('no panel covers another, each is described, and all rows are there', () => {
  const cells = new Set<string>()
  for (const { title, gridPos } of dashboard.panels) {
    assert.ok(gridPos.x + gridPos.w <= 24, title)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        assert.ok(!cells.has(`${x},${y}`), `${title} covers another panel`)
        cells.add(`${x},${y}`)
      }
  }
  for (const { title, description } of panels) assert.ok(description, title)
  const rows = dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title)
  assert.deepEqual(rows, [
    'Is data being lost?',
    'Throughput',
    'Handlers',
    'Sinks and parked records',
    'Partitions and pods',
    'Failures',
    'Scaling',
    'Resources',
  ])
})

test('the ConfigMap has the dashboard as it is, where the sidecar of Grafana finds it', () => {
  const map = manifests(renderScenario('monitoring')).find(({ metadata }) =>
    metadata.name.endsWith('-dashboard'),
  )
  assert.equal(at(map, 'metadata.labels.grafana_dashboard'), '1')
  const data = map?.['data'] as Record<string, string>
  assert.deepEqual(JSON.parse(data['onchain-consumer.json'] ?? ''), dashboard)
  assert.equal(at(ofKind(manifests(renderScenario('plain')), 'PrometheusRule'), 'kind'), undefined)
})

test('each alert has a chapter in docs/operations.md, where its runbook_url leads', () => {
  const text = readFileSync(join(root, 'docs/operations.md'), 'utf8')
  const headings = [...text.matchAll(/^#+ (\w+)$/gm)].map(([, heading]) => heading)
  for (const { alert, annotations } of rules) {
    assert.ok(headings.includes(alert), `${alert} has no chapter`)
    assert.equal(annotations['runbook_url'], `docs/operations.md#${alert.toLowerCase()}`)
  }
  const gone = headings.filter(
    (heading) =>
      heading?.startsWith('OnchainConsumer') && !rules.some(({ alert }) => alert === heading),
  )
  assert.deepEqual(gone, [], 'a chapter of an alert that is gone')
  const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )
  const links = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor)
  assert.deepEqual(
    links.filter((anchor) => !anchors.includes(anchor)),
    [],
    'a link to nowhere',
  )
})
