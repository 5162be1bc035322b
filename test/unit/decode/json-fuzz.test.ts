import assert from 'node:assert/strict'
import test from 'node:test'
import { parseJson } from '../../../src/decode/json.ts'
import { OccError } from '../../../src/kernel/errors.ts'
import { fuzz, type Random } from '../../support/random.ts'

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown

/** Slow and exact: the engine itself says from which characters it read each number. */
function reference(text: string): unknown {
  const reviver: Reviver = (_key, value, { source }) =>
    typeof value === 'number' &&
    source !== undefined &&
    /^-?\d+$/.test(source) &&
    !Number.isSafeInteger(value)
      ? source
      : value
  return JSON.parse(text, reviver as (this: unknown, key: string, value: unknown) => unknown)
}

const digits = (random: Random, length: number) => Array.from({ length }, () => random(10)).join('')

function randomNumber(random: Random): string {
  const sign = random.chance(0.3) ? '-' : ''
  const whole = `${1 + random(9)}${digits(random, random.pick([0, 3, 13, 14, 15, 16, 17, 18, 30, 90]))}`
  const near = random.pick([
    '9007199254740991',
    '9007199254740990',
    '9007199254740992',
    whole,
    whole,
  ])
  return sign + near + random.pick(['', '', '', '', '.5', 'e2', `.${digits(random, 20)}`, 'E-17'])
}

const snippets = ['"', '\\', '\\"', ':', ',', '[', ']', '{', '}', ' ', '\n', 'é', '日', 'a', 'Name']

function randomText(random: Random): string {
  let text = ''
  for (let count = random(6); count > 0; count--) {
    text += random.chance(0.35) ? randomNumber(random) : random.pick(snippets)
  }
  return text
}

const space = (random: Random) => (random.chance(0.2) ? random.pick([' ', '\n', '\t ', '  ']) : '')

function randomJson(random: Random, depth: number): string {
  const kind = random(depth > 4 ? 3 : 6)
  if (kind === 0) return JSON.stringify(randomText(random))
  if (kind === 1) return random.pick(['true', 'false', 'null', '0', '-0', '1.5'])
  if (kind === 2) return randomNumber(random)
  const pad = () => space(random)
  const list = (item: () => string) =>
    Array.from({ length: random(5) }, () => `${pad()}${item()}${pad()}`).join(',')
  if (kind === 3) return `[${list(() => randomJson(random, depth + 1))}]`
  const name = () => (random.chance(0.6) ? '"Amount"' : JSON.stringify(randomText(random)))
  return `{${list(() => `${name()}${pad()}:${pad()}${randomJson(random, depth + 1)}`)}}`
}

function mutate(random: Random, text: string): string {
  let mutated = text
  for (let count = 1 + random(3); count > 0; count--) {
    const at = random(mutated.length + 1)
    const removed = random(3)
    const put = random.chance(0.5) ? random.pick(snippets) : randomNumber(random)
    mutated = mutated.slice(0, at) + random.pick(['', put]) + mutated.slice(at + removed)
  }
  return mutated
}

function compare(text: string): boolean {
  let expected: unknown
  try {
    expected = reference(text)
  } catch {
    assert.throws(() => parseJson(Buffer.from(text)), OccError, text)
    return false
  }
  assert.deepEqual(parseJson(Buffer.from(text)), expected, text)
  return true
}

test('agrees with an exact parser for any document', () => {
  fuzz('JSON', 1_500, (random) => {
    const text = `${space(random)}${randomJson(random, 0)}${space(random)}`
    assert.ok(compare(text))
  })
})

test('accepts the same damaged documents as JSON.parse', () => {
  let valid = 0
  let invalid = 0
  fuzz('damaged JSON', 1_500, (random) => {
    if (compare(mutate(random, randomJson(random, 0)))) valid++
    else invalid++
  })
  assert.ok(valid > 10 && invalid > 10, `${valid} valid, ${invalid} invalid`)
})
