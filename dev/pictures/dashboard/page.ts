import { type Html, html } from '../../../src/http/page/html.ts'
import type { Range } from '../prometheus.ts'
import { chart } from './chart.ts'
import type { Answered, Line, Panel } from './read.ts'
import { shown } from './units.ts'

const WIDTH = 1600
/** Pixels of a row of Grafana's grid, and between two panels. */
const ROW = 30
const GAP = 8
const COLUMN = (WIDTH - 23 * GAP) / 24
const LEGEND = 62

const STYLE = `body { margin: 0; padding: 8px; background: #111217; color: #ccccdc; font: 13px/1.4 "DejaVu Sans", sans-serif; }
main { display: grid; grid-template-columns: repeat(24, ${COLUMN}px); grid-auto-rows: ${ROW}px; gap: ${GAP}px; width: ${WIDTH}px; }
section { background: #181b1f; border: 1px solid #2c3235; border-radius: 2px; overflow: hidden; box-sizing: border-box; padding: 4px 8px; }
h1 { grid-column: 1 / span 24; font-size: 15px; margin: 6px 0 0; } h2 { font-size: 13px; font-weight: 600; margin: 0 0 2px; white-space: nowrap; }
svg { display: block; margin-left: -8px; } text { fill: #9a9dab; font-size: 11px; } .grid { stroke: #26292f; } .line { fill: none; stroke-width: 1.3; }
.legend { margin: 0; max-height: ${LEGEND - 16}px; overflow: hidden; font-size: 11px; } .legend span { margin-right: 10px; white-space: nowrap; } i { display: inline-block; width: 12px; height: 3px; margin: 0 5px 3px 0; }
.none { color: #8e8e9c; text-align: center; margin-top: 60px; } .error { color: #ff7383; }
.stat { display: flex; gap: 6px; height: calc(100% - 20px); } .stat p { flex: 1; margin: 0; border-radius: 2px; display: grid; place-content: center; font-size: 32px; white-space: nowrap; text-align: center; } .stat small { display: block; font-size: 14px; }
.green { background: #37872d; color: #fff; } .yellow { background: #b58b00; color: #fff; } .orange { background: #c4641f; color: #fff; } .red { background: #c4162a; color: #fff; }`

/** All panels at their places, in the manner of Grafana. */
export function dashboardPage(all: readonly Answered[], range: Range): string {
  const parts = all.map((answered) => {
    const { type, title, gridPos } = answered.panel
    if (type === 'row') return html`<h1 style="grid-row:${gridPos.y + 1}">${title}</h1>`
    const { x, y, w, h } = gridPos
    return html`<section style="grid-column:${x + 1} / span ${w};grid-row:${y + 1} / span ${h}"><h2>${title}</h2>${contentOf(answered, range)}</section>`
  })
  return `<!doctype html><meta charset="utf-8"><title>onchain-consumer</title><style>${STYLE}</style>${html`<main>${parts}</main>`.text}`
}

function contentOf({ panel, lines, last, errors }: Answered, range: Range): Html {
  if (errors.length > 0) return html`<p class="error">${errors.join('; ')}</p>`
  const { unit, decimals, custom } = settings(panel)
  if (panel.type === 'stat') return statOf(panel, last)
  if (lines.length === 0) return html`<p class="none">No data</p>`
  const { w, h } = panel.gridPos
  return chart(lines, {
    width: w * (COLUMN + GAP) - GAP,
    height: h * (ROW + GAP) - GAP - LEGEND,
    range,
    stacked: custom?.stacking.mode === 'normal',
    whole: decimals === 0,
    format: (value) => shown(value, unit, decimals),
  })
}

function statOf(panel: Panel, last: readonly Line[]): Html {
  const { unit, decimals, noValue = 'No data', thresholds } = settings(panel)
  if (last.length === 0) return html`<div class="stat"><p>${noValue}</p></div>`
  const isNamed = panel.options?.textMode === 'value_and_name'
  return html`<div class="stat">${last.map(({ name, points }) => {
    const value = points.at(-1)?.[1] ?? Number.NaN
    const step = thresholds?.steps.findLast(({ value: from }) => from === null || value >= from)
    return html`<p class="${step?.color ?? ''}">${isNamed ? html`<small>${name}</small>` : null}${shown(value, unit, decimals)}</p>`
  })}</div>`
}

function settings({ title, fieldConfig }: Panel) {
  if (fieldConfig === undefined) throw new Error(`the panel "${title}" has no fieldConfig`)
  return fieldConfig.defaults
}
