import { problemsOf } from '../check/issues.ts'
import { formatProblemLine } from '../check/problems.ts'
import { filterSection } from '../schema/filter.ts'
import { isRaw } from './layers.ts'

/**
 * The rules in a JSON text, as `handlers[].filter` takes them, but without a file: whoever writes
 * them does not choose files of this machine. A text says what is wrong.
 */
export function parseFilter(text: string) {
  let rules: unknown
  try {
    rules = JSON.parse(text)
  } catch {
    // Said below.
  }
  if (!isRaw(rules)) return `filter is ${text}; give a JSON object, such as {"kinds":["transfer"]}`
  if ('addressesFile' in rules) return 'filter.addressesFile is not for this; give addresses'
  const { success, data, error } = filterSection.safeParse(rules, { reportInput: true })
  if (success) return data
  const issues = error.issues.map((issue) => ({ ...issue, path: ['filter', ...issue.path] }))
  return problemsOf(issues, new Map()).map(formatProblemLine).join(' ')
}
