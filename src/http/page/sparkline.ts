import type { History } from '../../observe/overview/types.ts'
import { type Html, html } from './html.ts'

const WIDTH = 300
const HEIGHT = 48
/** Room for the width of the line. */
const PAD = 2
/** Milliseconds: what is shown of the time, at most; and at least, when little is known yet. */
const LONGEST = 15 * 60_000
const SHORTEST = 2 * 60_000

/** One line of a sparkline: a column of the history. */
export interface Line {
  /** Which of the colours. */
  readonly kind: 'first' | 'second'
  readonly values: ReadonlyArray<number | null>
}

/** Milliseconds that a sparkline shows: so far as something is known, so that it fills its place. */
export function spanOf({ at }: History): number {
  const known = (at.at(-1) ?? 0) - (at[0] ?? 0)
  return Math.min(LONGEST, Math.max(SHORTEST, known))
}

/**
 * The last minutes: lines above 0, all with the same scale, and rebalances as marks. What is not
 * known is a gap.
 * @param label what it shows, for those who cannot see it
 */
export function sparkline(label: string, lines: readonly Line[], history: History): Html {
  const known = lines.flatMap(({ values }) => values.filter((value) => value !== null))
  const top = Math.max(...known, 0) || 1
  const end = history.at.at(-1) ?? 0
  const span = spanOf(history)
  const xs = history.at.map((at) => rounded(WIDTH * (1 - (end - at) / span)))
  const y = (value: number) =>
    rounded(HEIGHT - PAD - (HEIGHT - 2 * PAD) * (Math.max(0, value) / top))
  const marks = history.rebalances.flatMap((count, index) => (count > 0 ? [xs[index] ?? 0] : []))
  return html`<svg class="spark" role="img" aria-label="${label}" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none">
${marks.map((x) => html`<path class="mark" d="M${x} 0V${HEIGHT}"/>`)}${lines.map(
  ({ kind, values }) => {
    const runs = runsOf(values)
    const points = (run: readonly number[]) =>
      run.map((i) => `${xs[i]} ${y(values[i] ?? 0)}`).join('L')
    const line = runs.map((run) => `M${points(run)}`).join('')
    const area = runs
      .map((run) => `M${xs[run[0] ?? 0]} ${HEIGHT}L${points(run)}V${HEIGHT}Z`)
      .join('')
    return html`<path class="area ${kind}" d="${area}"/><path class="line ${kind}" d="${line}"/>`
  },
)}
</svg>`
}

/** Indexes of neighbours that are known. */
function runsOf(values: ReadonlyArray<number | null>): number[][] {
  const runs: number[][] = []
  let last = -2
  for (const [index, value] of values.entries()) {
    if (value === null) continue
    if (index === last + 1) runs.at(-1)?.push(index)
    else runs.push([index])
    last = index
  }
  return runs
}

const rounded = (value: number) => Math.round(value * 10) / 10
