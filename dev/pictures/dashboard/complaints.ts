import type { Answered } from './read.ts'

/** Panels that the pictures leave empty, and what would fill them. */
const EMPTY: Readonly<Record<string, string>> = {
  'Parked records': 'the section `parked` of the configuration, with PostgreSQL',
  'Fetch errors, by code': 'a leader that moves to another broker',
}

/** What is wrong with the panels, one line each: queries that are refused, panels that never have data. */
export function complaints(all: readonly Answered[]): string[] {
  return all.flatMap(({ panel, lines, errors }) => {
    const { title, type } = panel
    const refused = errors.map((error) => `${title}: ${error}`)
    if (type === 'row' || errors.length > 0 || lines.length > 0 || title in EMPTY) return refused
    return [`${title}: never has data`]
  })
}

/** The panels without data that may be so, one line each. */
export function empty(all: readonly Answered[]): string[] {
  return all.flatMap(({ panel: { title }, lines }) => {
    const reason = EMPTY[title]
    if (reason === undefined) return []
    return lines.length === 0 ? [`${title}: empty, needs ${reason}`] : [`${title}: has data here`]
  })
}
