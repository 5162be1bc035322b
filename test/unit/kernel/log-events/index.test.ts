import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { silentLog } from '../../../../src/kernel/log.ts'
import type { EventChapter } from '../../../../src/kernel/log-events/chapter.ts'
import { eventChapters } from '../../../../src/kernel/log-events/index.ts'

const src = join(import.meta.dirname, '../../../../src')

const chapters: readonly EventChapter[] = eventChapters
const entries = chapters.flatMap((chapter) => Object.entries(chapter.events))
const names = entries.map(([name]) => name)

const source = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('kernel/log-events'))
  .map((file) => readFileSync(join(src, file), 'utf8'))
  .join('\n')

test('no event is in two chapters', () => {
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  )
})

test('an event is a noun and what happened to it, and its meaning a sentence', () => {
  for (const [name, { meaning }] of entries) {
    assert.match(name, /^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$/)
    assert.match(meaning, /^[A-Z`].*\.$/, name)
  }
})

test('every event of the list is logged', () => {
  // Some are put together: `admin.${action}d`.
  const composed = Array.from(source.matchAll(/event: `([^`]+)`/g), ([, template = '']) =>
    template.replaceAll('.', '\\.').replaceAll(/\$\{\w+\}/g, '\\w+'),
  ).map((pattern) => new RegExp(`^${pattern}$`))
  assert.deepEqual(
    names.filter(
      (name) => !source.includes(`'${name}'`) && !composed.some((pattern) => pattern.test(name)),
    ),
    [],
  )
})

test('events that the documents and alerts name are in the list', () => {
  const files = ['docs/operations.md', 'docs/admin.md', 'docs/dead-letters.md']
  const alerts = readdirSync(join(src, '../helm/onchain-consumer/alerts'))
  const texts = [...files, ...alerts.map((name) => `helm/onchain-consumer/alerts/${name}`)].map(
    (file) => readFileSync(join(src, '..', file), 'utf8'),
  )
  const named = texts.flatMap((text) =>
    Array.from(text.matchAll(/\bevent"?:? "?`?([a-z-]+\.[a-z-]+)/g), ([, name = '']) => name),
  )
  assert.ok(named.length > 5)
  assert.deepEqual(
    named.filter((name) => !names.includes(name)),
    [],
  )
})

test('an event that is not in the list, or has another level, does not compile', () => {
  // @ts-expect-error: misspelled
  silentLog.info({ event: 'service.startet' }, '')
  // @ts-expect-error: it is a warning
  silentLog.info({ event: 'partition.waiting' }, '')
  silentLog.warn({ event: 'partition.waiting' }, '')
})
