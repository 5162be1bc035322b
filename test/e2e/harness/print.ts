import type { Pause, Pauses, Totals } from './account.ts'
import type { Moment } from './timeline.ts'

/** Prints the figures of a test, aligned, under its name. */
export function printFigures(name: string, figures: Readonly<Record<string, unknown>>): void {
  const width = Math.max(...Object.keys(figures).map((key) => key.length))
  const lines = Object.entries(figures).map(([key, value]) => `  ${key.padEnd(width)}  ${value}`)
  console.log(`\n${name}\n${lines.join('\n')}\n`)
}

export function printTimeline(moments: readonly Moment[]): void {
  const lines = moments.map(({ seconds, replicas, ready, desired }) => {
    const cells = [seconds.toFixed(1), replicas, ready, desired ?? '-']
    return cells.map((cell) => String(cell).padStart(9)).join('')
  })
  console.log(`\n  seconds replicas    ready  desired\n${lines.join('\n')}\n`)
}

export function recordFigures({ produced, handled, lost, repeated }: Totals) {
  return {
    'records in': produced,
    'records out': handled,
    lost: lost.length,
    duplicated: repeated,
  }
}

/** What a rebalance may cost, on a machine that does nothing else. Milliseconds. */
const STAYED_GOAL = 1000
const MOVED_GOAL = 3000

export function pauseFigures(when: string, { stayed, moved, moves }: Pauses) {
  const said = ({ milliseconds, partition }: Pause, goal: number) =>
    `${milliseconds} ms (${partition}), the goal is ${goal}`
  return {
    [`longest pause ${when}, stayed`]: said(stayed, STAYED_GOAL),
    [`longest pause ${when}, moved`]: `${said(moved, MOVED_GOAL)}; ${moves} moves`,
  }
}
