import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { LineCounter, parseDocument } from 'yaml'
import { codeOf, messageOf } from '../../kernel/errors.ts'
import type { Problem } from '../check/problems.ts'
import { isRaw, type Raw, withoutNulls } from './layers.ts'

export const DEFAULT_FILE = '/etc/onchain-consumer/config.yaml'

export interface YamlFile {
  /** Path of the file that was read; undefined if there is none. */
  readonly path: string | undefined
  readonly values: Raw
  readonly problems: readonly Problem[]
}

/** Reads the file; a missing default file is not a problem. */
export function readYamlFile(path: string, origin: string, mayBeMissing: boolean): YamlFile {
  const bad = (message: string, remedy: string): YamlFile => ({
    path,
    values: {},
    problems: [{ key: origin, value: JSON.stringify(path), message, remedy }],
  })
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      if (mayBeMissing) return { path: undefined, values: {}, problems: [] }
      return bad('does not exist', `create the file, or correct its path in ${origin}`)
    }
    if (codeOf(error) === 'EISDIR')
      return bad('is a folder, not a file', `name a file in ${origin}`)
    return bad(`cannot be read: ${codeOf(error)}`, 'let this user read the file')
  }
  if (!isUtf8(bytes)) return bad('is not UTF-8', 'save it as UTF-8, not as UTF-16 or Latin-1')
  return parseYaml(bytes.toString('utf8'), bad, path)
}

function parseYaml(
  content: string,
  bad: (message: string, remedy: string) => YamlFile,
  path: string,
): YamlFile {
  const lines = new LineCounter()
  const document = parseDocument(content, { prettyErrors: false, lineCounter: lines })
  const error = document.errors[0]
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0])
    if (error.code === 'MULTIPLE_DOCS') {
      return bad(
        `has a second document at line ${line}`,
        'write all sections into one, without ---',
      )
    }
    // The message of the parser can quote the line, and the line can hold a secret.
    const what = error.code.toLowerCase().replaceAll('_', ' ')
    return bad(`is not valid YAML: ${what} at line ${line}, column ${col}`, 'correct that line')
  }
  let values: unknown
  try {
    const found: unknown = document.toJS() ?? {}
    if (holdsItself(found)) {
      return bad('is not valid YAML: an anchor holds its own alias', 'correct the aliases')
    }
    values = withoutNulls(found)
  } catch (thrown) {
    return bad(`is not valid YAML: ${messageOf(thrown)}`, 'correct the aliases')
  }
  if (isRaw(values)) return { path, values, problems: [] }
  return bad('is not a map of sections', 'write sections such as "kafka:" at the left margin')
}

/** Whether some map or list is below itself: nothing could be made of it, or shown. */
function holdsItself(value: unknown, above: ReadonlySet<unknown> = new Set()): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (above.has(value)) return true
  const now = new Set(above).add(value)
  return Object.values(value).some((child) => holdsItself(child, now))
}
