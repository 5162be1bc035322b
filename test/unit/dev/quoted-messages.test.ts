import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import type { EventChapter } from '../../../src/kernel/log-events/chapter.ts'
import { eventChapters } from '../../../src/kernel/log-events/index.ts'

const root = join(import.meta.dirname, '../../..')

function textsIn(folder: string, extension: string): Array<{ name: string; text: string }> {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith(extension))
    .map((name) => ({ name, text: readFileSync(join(root, folder, name), 'utf8') }))
}

const events = (eventChapters as readonly EventChapter[]).flatMap((chapter) =>
  Object.entries(chapter.events),
)

/** Static parts of each text of the code that is long enough to be recognized. */
const codeTexts = textsIn('src', '.ts').flatMap(({ text }) =>
  Array.from(
    text
      .replaceAll(/`\s*\+\s*`/g, '')
      .matchAll(/`((?:[^`\\]|\\.)*)`|'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"/gs),
    (match) =>
      (match[1] ?? match[2] ?? match[3] ?? '')
        .split(/\$\{[^}]*(?:\}|$)/)
        .map((part) => part.replaceAll(/\\(.)/g, '$1')),
  ).filter((parts) => parts.join('').length >= 10),
)

/** Whether the quoted text is a piece of the parts, with values between them. */
function isWritten(quoted: string, parts: readonly string[]): boolean {
  return parts.some((part, index) => {
    const rest = parts.slice(index + 1)
    if (index === 0 && part === '') return begins(quoted, parts)
    for (let at = 0; at <= part.length - 5; at++) {
      if (begins(quoted, [part.slice(at), ...rest])) return true
    }
    return false
  })
}

function begins(quoted: string, [first = '', ...parts]: readonly string[]): boolean {
  if (quoted.length <= first.length) return first.startsWith(quoted)
  if (!quoted.startsWith(first)) return false
  let rest = quoted.slice(first.length)
  let written = first.length
  for (const part of parts) {
    const at = rest.indexOf(part)
    const cut = at === -1 ? cutIn(rest, part) : part.length
    written += cut
    if (at === -1) return cut > 0 && isMostly(written, quoted)
    rest = rest.slice(at + part.length)
  }
  return (rest === '' || parts.at(-1) === '') && isMostly(written, quoted)
}

/** Values may be long, but a text that is nothing else could be any. */
function isMostly(written: number, quoted: string): boolean {
  return written >= quoted.length * 0.3
}

/** How many characters of the part the text ends with, because it is cut there: two or more. */
function cutIn(text: string, part: string): number {
  for (let length = part.length - 1; length >= 2; length--) {
    if (text.endsWith(part.slice(0, length))) return length
  }
  return 0
}

/**
 * Texts for people in the JSON that a page shows, piece by piece, without what it leaves out by
 * `...`, and without what a handler threw.
 */
function quotedIn(page: string): string[] {
  return Array.from(
    page.matchAll(/"(?:msg|message|reason)":"((?:[^"\\]|\\.)*)"|\["((?:[^"\\]|\\.)*)"\]/g),
    ([, text, listed]) => (text ?? listed ?? '').replaceAll(/\\(.)/g, '$1'),
  )
    .flatMap((text) => text.replace(/ failed: .*/, ' failed: ').split(/\.\.\.|(?<=[:;] )/))
    .map((text) => text.trimStart())
    .filter((text) => text.length >= 12 && text.includes(' '))
}

test('the messages that the documentation quotes are those of the code', () => {
  const quoted = textsIn('docs', '.md').flatMap(({ name, text }) =>
    quotedIn(text).map((message) => ({ name, message })),
  )
  assert.ok(quoted.length >= 8, `${quoted.length} found`)
  const unknown = quoted.filter(
    ({ message }) => !codeTexts.some((parts) => isWritten(message, parts)),
  )
  assert.deepEqual(unknown, [])
})

test('the log lines that the documentation quotes have an event that exists, at its level', () => {
  const lines = textsIn('docs', '.md').flatMap(({ name, text }) =>
    Array.from(text.matchAll(/\{"level":"(\w+)".*?"event":"([\w.-]+)"/g), ([, level, event]) => ({
      name,
      level,
      event: event ?? '',
    })),
  )
  assert.ok(lines.length >= 5, `${lines.length} found`)
  for (const { name, level, event } of lines) {
    const levels = [events.find(([known]) => known === event)?.[1].level].flat()
    assert.ok(
      levels.some((each) => each === level),
      `${name}: ${event} at level ${level}`,
    )
  }
})
