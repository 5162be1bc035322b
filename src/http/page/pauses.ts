import type { PauseReport } from '../../kernel/shapes/pause-report.ts'
import { type PauseTarget, pauseTargetName } from '../../kernel/shapes/pause-target.ts'
import type { Overview } from '../../observe/overview/types.ts'
import { moment } from './figures.ts'
import { type Html, html } from './html.ts'

/** What operators have paused, whoever looks. */
export function pausedSection({ pauses }: Overview): Html {
  if (pauses.length === 0) return html`<section id="paused" hidden></section>`
  return html`<section id="paused" class="card" aria-labelledby="paused-title"><h2 id="paused-title">Paused by operators</h2><ul class="pauses">${pauses.map((each) => html`<li>${pauseText(each)}</li>`)}</ul></section>`
}

/** `the topic a, by alice, until 2026-11-28 14:02:10 UTC: the database is moved`. */
export function pauseText(pause: PauseReport): string {
  const why = pause.reason === null ? '' : `: ${pause.reason}`
  return `${pausedName(pause)}, by ${pause.by}, ${pauseEnd(pause)}${why}`
}

export const pausedName = (pause: PauseReport) => pauseTargetName(pause as PauseTarget)

export function pauseEnd({ until }: PauseReport): string {
  return until === null ? 'until it is resumed' : `until ${moment(until)}`
}
