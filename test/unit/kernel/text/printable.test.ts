import assert from 'node:assert/strict'
import test from 'node:test'
import { printable, printableLines } from '../../../../src/kernel/text/printable.ts'

test('what a terminal would obey is shown as text', () => {
  assert.equal(printable('\u001b[2J\u009b31m\u0007 ok'), '\\x1b[2J\\x9b31m\\x07 ok')
  assert.equal(printable('a\rb\u202ec'), 'a\\x0db\\u202ec')
  assert.equal(printable('two\nlines\tand a tab'), 'two lines\\x09and a tab')
  assert.equal(printable('日本 é 😀'), '日本 é 😀')
})

test('line breaks and tabs stay if there may be several lines', () => {
  assert.equal(printableLines('a\r\n\tb\u001b'), 'a\n\tb\\x1b')
})
