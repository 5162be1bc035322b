const UNRELEASED = '## Unreleased'

/** Moves what is unreleased under a heading of the version. Throws if there is nothing. */
export function releaseChangelog(text: string, version: string, date: string): string {
  if (sectionOf(text, UNRELEASED).trim() === '') {
    throw new RangeError(`CHANGELOG.md has nothing under "${UNRELEASED}": write what has changed`)
  }
  return text.replace(`${UNRELEASED}\n`, `${UNRELEASED}\n\n## ${version} (${date})\n`)
}

/** Why the changelog does not fit a release of the version. */
export function changelogProblems(text: string, version: string): readonly string[] {
  const heading = text.split('\n').find((line) => line.startsWith(`## ${version} (`))
  if (heading === undefined) {
    return [
      `CHANGELOG.md has no heading "## ${version} (date)": npm run release -- bump ${version}`,
    ]
  }
  const problems =
    sectionOf(text, heading).trim() === '' ? [`CHANGELOG.md says nothing of ${version}`] : []
  const isDate = /^## \S+ \(\d{4}-\d\d-\d\d\)$/.test(heading)
  return isDate
    ? problems
    : [...problems, `CHANGELOG.md: "${heading}" has no date such as (2026-01-31)`]
}

/** The text below a heading, up to the next one of its level. */
function sectionOf(text: string, heading: string): string {
  const start = text.indexOf(`${heading}\n`)
  if (start === -1) return ''
  const from = start + heading.length
  const end = text.indexOf('\n## ', from)
  return text.slice(from, end === -1 ? undefined : end)
}
