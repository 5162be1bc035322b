import { type Html, html } from '../../../src/http/page/html.ts'
import type { Range } from '../prometheus.ts'
import type { Line } from './read.ts'

/** The first colours of Grafana's classic palette. */
const COLORS = [
  ...['#7EB26D', '#EAB839', '#6ED0E0', '#EF843C', '#E24D42', '#1F78C1', '#BA43A9', '#705DA0'],
  ...['#508642', '#CCA300', '#447EBC', '#C15C17', '#890F02', '#0A437C', '#6D1F62', '#584477'],
]
const colorOf = (index: number) => COLORS[index % COLORS.length] ?? ''
const PAD = { left: 66, right: 8, top: 6, bottom: 20 }
/** Pixels of `14:02` and the room beside it. */
const TIME_WIDTH = 46
/** Minutes between two times. */
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60]

export interface ChartOptions {
  readonly width: number
  readonly height: number
  readonly range: Range
  readonly stacked: boolean
  /** Only whole numbers are marked. */
  readonly whole: boolean
  format(value: number): string
}

/** Lines over time from 0 up, with axes and a legend. */
export function chart(given: readonly Line[], options: ChartOptions): Html {
  const { width, height, range, stacked, whole, format } = options
  const lines = stacked ? stack(given) : given
  const values = lines.flatMap(({ points }) => points.map(([, value]) => value))
  const ticks = ticksUpTo(Math.max(...values.filter(Number.isFinite), 0), whole)
  const top = ticks.at(-1) ?? 1
  const [w, h] = [width - PAD.left - PAD.right, height - PAD.top - PAD.bottom]
  const x = (at: number) => round(PAD.left + (w * (at - range.start)) / (range.end - range.start))
  const y = (value: number) => round(PAD.top + h - (h * value) / top)
  // A time that would be cut off at the edge is left out.
  const times = timesOf(range, w / TIME_WIDTH).filter((at) => x(at) <= width - TIME_WIDTH / 2)
  return html`<svg width="${width}" height="${height}">
${ticks.map((tick) => html`<path class="grid" d="M${PAD.left} ${y(tick)}h${w}"/><text x="${PAD.left - 6}" y="${y(tick) + 4}" text-anchor="end">${format(tick)}</text>`)}
${times.map((at) => html`<path class="grid" d="M${x(at)} ${PAD.top}v${h}"/><text x="${x(at)}" y="${height - 5}" text-anchor="middle">${new Date(at * 1000).toISOString().slice(11, 16)}</text>`)}
${lines.map(({ points }, index) => html`<path class="line" stroke="${colorOf(index)}" d="${pathOf(points, range.step, x, y)}"/>`)}
</svg>
<p class="legend">${lines.map(({ name }, index) => html`<span><i style="background:${colorOf(index)}"></i>${name}</span> `)}</p>`
}

/** Round times within it, at most so many. */
function timesOf({ start, end }: Range, most: number): readonly number[] {
  const step = 60 * (TIME_STEPS.find((each) => (end - start) / 60 / each < most) ?? 1_440)
  const first = Math.ceil(start / step)
  return Array.from(
    { length: Math.floor(end / step) - first + 1 },
    (_, index) => (first + index) * step,
  )
}

/** A step that is missing, and what is no number, is a gap. */
function pathOf(
  points: Line['points'],
  step: number,
  x: (at: number) => number,
  y: (value: number) => number,
): string {
  let last = Number.NEGATIVE_INFINITY
  let path = ''
  for (const [at, value] of points) {
    if (!Number.isFinite(value)) continue
    path += `${at - last > step * 1.5 ? 'M' : 'L'}${x(at)} ${y(value)}`
    last = at
  }
  return path
}

/** Each on top of those before it. */
function stack(lines: readonly Line[]): readonly Line[] {
  const sums = new Map<number, number>()
  return lines.map(({ name, points }) => ({
    name,
    points: points.map(([at, value]) => {
      const sum = (sums.get(at) ?? 0) + value
      sums.set(at, sum)
      return [at, sum] as const
    }),
  }))
}

/** Round values from 0 on, the last one not below the highest. */
function ticksUpTo(highest: number, whole: boolean): readonly number[] {
  const most = highest === 0 ? 1 : highest
  const power = 10 ** Math.floor(Math.log10(most / 4))
  const even = [1, 2, 5, 10].map((each) => each * power).find((each) => most / each <= 5) ?? most
  const step = whole ? Math.max(1, even) : even
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step)
}

const round = (value: number) => Math.round(value * 10) / 10
