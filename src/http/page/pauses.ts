import type { PauseReport } from '../../kernel/shapes/pause-report.ts'
import { type PauseTarget, pauseTargetName } from '../../kernel/shapes/pause-target.ts'
import type { Overview } from '../../observe/overview/types.ts'
import { moment, seconds } from './figures.ts'
import { type Html, html } from './html.ts'

/** What operators have paused, whoever looks. */
export function pausedSection({ pauses, pausesAgeSeconds: age }: Overview): Html {
  if (pauses.length === 0 && age === null) return html`<section id="paused" hidden></section>`
  const list = html`<ul class="pauses">${pauses.map((each) => html`<li>${pauseText(each)}</li>`)}</ul>`
  return html`<section id="paused" class="card" aria-labelledby="paused-title"><h2 id="paused-title">Paused by operators</h2>${pauses.length === 0 ? null : list}${age === null ? null : html`<p class="none">${oldPauses(age, pauses.length)}</p>`}</section>`
}

/** @param age seconds */
export function oldPauses(age: number, count: number): string {
  const was = count === 0 ? 'Nothing was paused' : 'As it was'
  return `${was} ${seconds(age)} ago: it could not be read since, and may have changed.`
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
