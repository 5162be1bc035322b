import assert from 'node:assert/strict'
import test from 'node:test'
import { complaints } from '../../../dev/pictures/dashboard/complaints.ts'
import { dashboardPage } from '../../../dev/pictures/dashboard/page.ts'
import type { Answered, Panel } from '../../../dev/pictures/dashboard/read.ts'
import { readDashboard } from '../../../dev/pictures/dashboard/read.ts'
import { shown } from '../../../dev/pictures/dashboard/units.ts'
import type { Prometheus } from '../../../dev/pictures/prometheus.ts'

const RANGE = { start: 600, end: 900, step: 2 }

function answered(more: Partial<Answered>, panel: Partial<Panel> = {}): Answered {
  return {
    panel: {
      ...{ type: 'timeseries', title: 'Lag <b>', gridPos: { x: 0, y: 1, w: 12, h: 8 } },
      fieldConfig: { defaults: { unit: 'count:/s' } },
      ...panel,
    },
    ...{ lines: [], last: [], errors: [] },
    ...more,
  }
}

test('values are written as Grafana writes them', () => {
  assert.deepEqual(
    [
      [0, 's'],
      [0.0042, 's'],
      [7_170, 's'],
      [12_345, 'short'],
      [0, 'count:/s'],
      [2_500, 'count:/s'],
      [1_536, 'bytes'],
      [0.254, 'percentunit'],
    ].map(([value, unit]) => shown(Number(value), String(unit))),
    ['0 s', '4.2 ms', '1.99 hours', '12.3 K', '0 /s', '2.5K /s', '1.5 KiB', '25.4%'],
  )
  assert.equal(shown(3, 'short', 1), '3.0')
  assert.throws(() => shown(1, 'furlongs'), /furlongs/)
})

test('a query that is refused and a panel that never has data are named; a row is neither', () => {
  const line = { name: 'a', points: [[600, 1]] } as const
  assert.deepEqual(
    complaints([
      answered({ lines: [line] }),
      answered({ errors: ['lag{: parse error'] }),
      answered({}),
      answered({}, { type: 'row', title: 'Throughput' }),
    ]),
    ['Lag <b>: lag{: parse error', 'Lag <b>: never has data'],
  )
})

test('a panel is drawn with its title, its legend and a gap where nothing was known', () => {
  const points = [
    [600, 1],
    [602, 2],
    [610, Number.NaN],
    [620, 3],
  ] as const
  const text = dashboardPage([answered({ lines: [{ name: '{a}', points }] })], RANGE)
  assert.match(text, /Lag &lt;b&gt;/)
  assert.match(text, /<\/i>\{a\}<\/span>/)
  const [, path = ''] = /class="line"[^>]* d="([^"]+)"/.exec(text) ?? []
  assert.equal(path.match(/M/g)?.length, 2, path)
})

test('times beside each other do not overlap, however narrow the panel and long the time', () => {
  const lines = [{ name: 'a', points: [[600, 1]] as const }]
  for (const [w, minutes] of [
    [3, 7],
    [6, 8],
    [12, 60],
    [24, 1_000],
  ] as const) {
    const panel = { gridPos: { x: 0, y: 1, w, h: 8 } }
    const text = dashboardPage([answered({ lines }, panel)], {
      ...{ start: 600, end: 600 + minutes * 60, step: 2 },
    })
    const places = Array.from(
      text.matchAll(/x="([\d.]+)" y="\d+" text-anchor="middle"/g),
      (found) => Number(found[1]),
    )
    const gaps = places.slice(1).map((x, index) => x - (places[index] ?? 0))
    assert.ok(places.length >= 2 && Math.min(...gaps) > 40, `${w}, ${minutes}: ${places.join()}`)
  }
})

test('every query of the dashboard is asked with its variables filled in, for one release', async () => {
  const asked: string[] = []
  const prometheus: Prometheus = {
    async range(query) {
      asked.push(query)
      return []
    },
    instant: async () => [],
    labelValues: async (_, label) => (label === 'pod' ? ['a-b-c-d'] : ['x']),
  }
  const all = await readDashboard(prometheus, RANGE)
  assert.ok(asked.length > all.length / 2)
  for (const query of asked) {
    assert.doesNotMatch(query, /\$/)
    assert.match(query, /namespace="x",pod=~"a-b-\[a-z0-9\]\+-\[a-z0-9\]\+"/)
  }
})
