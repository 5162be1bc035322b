import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'

const root = join(import.meta.dirname, '../../..')

function filesIn(folder: string): string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  return names.map((name) => `/${folder}/${name}`)
}

/** Files that a page names, as a path or as the end of one; without those it tells the reader to add. */
function namedIn(page: string): string[] {
  const added = Array.from(page.matchAll(/`([^`]+)`:\n\n```ts/g), ([, path]) => path)
  const named = Array.from(page.matchAll(/`([\w./-]+\.(?:ts|mjs))`/g), ([, path]) => path ?? '')
  return named.filter((path) => !added.includes(path))
}

test('source files that the documentation names exist', () => {
  const files = ['src', 'test', 'dev', 'bench'].flatMap(filesIn)
  const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  const missing = pages
    .filter((page) => page.endsWith('.md'))
    .map((page) => ({ page, text: readFileSync(join(root, 'docs', page), 'utf8') }))
    // What a superseded decision was about may be gone.
    .filter(({ text }) => !text.includes('\nSuperseded by'))
    .flatMap(({ page, text }) =>
      namedIn(text)
        .filter((path) => !files.some((file) => file.endsWith(`/${path}`)))
        .map((path) => `${page}: ${path}`),
    )
  assert.deepEqual(missing, [])
})

test('the tests that show a trap of kafkajs exist, by their titles', () => {
  const page = readFileSync(join(root, 'docs/kafkajs-traps.md'), 'utf8')
  const rows = page.split('\n').filter((line) => line.startsWith('|'))
  const titles = rows.flatMap((row) =>
    Array.from(row.matchAll(/(?<![\w`])_([^_|`]+)_(?!\w)/g), ([, title = '']) => title),
  )
  assert.ok(titles.length > 20, `${titles.length} found`)
  const tests = filesIn('test')
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('\n')
  // Titles of one file begin alike, and are put together.
  const pieces = titles.flatMap((title) => title.replace(/^kafkajs still has /, '').split('...'))
  assert.deepEqual(
    pieces.map((piece) => piece.trim()).filter((piece) => !tests.includes(piece)),
    [],
  )
})
