import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { fields } from '../../../../src/config/schema/catalog.ts'
import type { ErrorChapter } from '../../../../src/kernel/error-codes/chapter.ts'
import { errorChapters } from '../../../../src/kernel/error-codes/index.ts'

const root = join(import.meta.dirname, '../../../..')

const chapters: readonly ErrorChapter[] = errorChapters
const codes = chapters.flatMap((chapter) => Object.keys(chapter.codes))

/** The lists themselves, and code that knows the names of wrong variables. */
const isLeftOut = (file: string) =>
  file.startsWith('kernel/error-codes') || file === 'config/load/environment.ts'

/** The files below the folder, as one text. */
function textOf(folder: string, ending: string): string {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending) && !isLeftOut(file))
    .map((file) => readFileSync(join(root, folder, file), 'utf8'))
    .join('\n')
}

const source = textOf('src', '.ts')

test('no code is in two chapters', () => {
  assert.deepEqual(
    codes.filter((code, index) => codes.indexOf(code) !== index),
    [],
  )
})

test('every code of the list is used', () => {
  assert.deepEqual(
    codes.filter((code) => !source.includes(`'${code}'`)),
    [],
  )
})

test('whatever looks like a code, in the code and in the documents, is in the list', () => {
  const variables = fields.flatMap(({ env }) => (env === undefined ? [] : [env]))
  // A handler's own, in docs/handlers.md.
  const known = new Set([...codes, ...variables, 'OCC_TOO_POOR'])
  const documents = [
    textOf('docs', '.md'),
    textOf('helm', '.yaml'),
    readFileSync(join(root, 'README.md'), 'utf8'),
  ]
  const found = [source, ...documents].flatMap(
    (text) => text.match(/\bOCC_[A-Z0-9_]*[A-Z0-9]\b/g) ?? [],
  )
  assert.deepEqual(
    [...new Set(found)].filter((name) => !known.has(name)),
    [],
  )
})

test('meaning and remedy are sentences', () => {
  for (const chapter of chapters) {
    for (const [code, { meaning, remedy }] of Object.entries(chapter.codes)) {
      assert.match(meaning, /^[A-Z`].*\.$/, code)
      assert.match(remedy, /^[A-Z`].*\.$/, code)
    }
  }
})

test('the keys of the configuration that a chapter names are keys', () => {
  const keys = fields.map(({ key }) => key)
  const sections = new Set(keys.map((key) => key.split('.')[0]))
  const isKey = (name: string) => keys.some((key) => key === name || key.startsWith(`${name}.`))
  const named = JSON.stringify(chapters).matchAll(/`(\w+)\.[\w.]+`/g)
  const wrong = Array.from(named, ([text, section]) => [text.slice(1, -1), section] as const)
    .filter(([name, section]) => sections.has(section) && !isKey(name))
    .map(([name]) => name)
  assert.deepEqual(wrong, [])
})

/** The text between the parenthesis that ends at `start` and the one that closes it. */
function argumentsAt(start: number): string {
  let [depth, end] = [1, start]
  for (; depth > 0 && end < source.length; end++) {
    if (source[end] === '(') depth += 1
    if (source[end] === ')') depth -= 1
  }
  return source.slice(start, end - 1)
}

test('`retriable` in the list matches the places that throw the code', () => {
  const said = new Map<string, Set<string>>()
  for (const match of source.matchAll(/(?:new OccError|toOccError)\(/g)) {
    const text = argumentsAt(match.index + match[0].length)
    const [, code] = /^\s*(?:[\w.]+,\s*)?'(OCC_\w+)'/.exec(text) ?? []
    if (code === undefined) continue
    const retriable = /\bretriable: true\b/.test(text)
      ? 'yes'
      : /\bretriable\b/.test(text)
        ? 'depends'
        : 'no'
    said.set(code, (said.get(code) ?? new Set()).add(retriable))
  }
  assert.ok(said.size > 80)
  const wrong = chapters
    .flatMap((chapter) => Object.entries(chapter.codes))
    .flatMap(([code, { retriable }]) => {
      const [only = retriable, ...others] = said.get(code) ?? []
      const expected = others.length > 0 ? 'depends' : only
      return retriable === expected ? [] : [`${code}: ${expected}`]
    })
  assert.deepEqual(wrong, [])
})
