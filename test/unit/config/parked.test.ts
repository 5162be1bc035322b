import assert from 'node:assert/strict'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { folder, loadYaml, problemsOf, textOf } from './support.ts'

function load(t: TestContext, yaml: (a: string, b: string) => string) {
  const url = 'postgresql://user:hunter2@db/rows'
  const path = folder(t, { a: url, b: url })
  return loadYaml(t, yaml(join(path, 'a'), join(path, 'b')))
}

const offsets = (path: string) => `offsets: {store: postgres, postgres: {urlFile: "${path}"}}\n`

test('parked records need a database, whose URL is never in the configuration', (t) => {
  const missing = load(t, () => 'parked: {store: postgres}\n')
  assert.match(textOf(missing), /parked\.postgres\.urlFile\n +is missing/)
  const given = load(t, () => 'parked: {postgres: {url: "postgresql://user:hunter2@db/rows"}}\n')
  assert.match(textOf(given), /put it into a file.*parked\.postgres\.urlFile/)
  assert.doesNotMatch(textOf(given), /hunter2/)
  assert.match(textOf(load(t, () => 'parked: {afterRetries: true}\n')), /parked\.store: postgres/)
  assert.match(
    textOf(load(t, () => 'parked: {hold: key}\n')),
    /parked\.hold = key\n.*needs a place/,
  )
})

test('a parked record can hold its key only where there is an order, and was not given up', (t) => {
  const held = (more: string, rest = '') =>
    load(
      t,
      (a) => `parked: {store: postgres, hold: key, postgres: {urlFile: "${a}"}${more}}\n${rest}`,
    )
  assert.deepEqual(problemsOf(held('')), [])
  const unordered = held('', 'processing: {order: none}\n')
  assert.match(textOf(unordered), /parked\.hold.*\n.*an order.*\n.*key or partition/)
  assert.match(textOf(held(', afterRetries: true')), /parked\.hold.*\n.*does not go with/)
})

test('with offsets beside the rows they are in the same database, and only there', (t) => {
  const parked = (more: string) => `parked: {store: postgres${more}}\n`
  assert.deepEqual(problemsOf(load(t, (a) => offsets(a) + parked(''))), [])
  const other = load(t, (a, b) => offsets(a) + parked(`, postgres: {urlFile: "${b}"}`))
  assert.match(textOf(other), /parked\.postgres\.urlFile.*\n.*transaction of its offset/)
  const same = load(t, (a) => offsets(a) + parked(', postgres: {table: onchain_offsets}'))
  assert.match(textOf(same), /parked\.postgres\.table.*\n.*is the table of offsets, too/)
})

test('the longest pause is not below the first', (t) => {
  const loaded = load(
    t,
    (a) => `parked: {store: postgres, backoff: 2h, postgres: {urlFile: "${a}"}}\n`,
  )
  assert.match(textOf(loaded), /parked\.maxBackoff.*\n.*is below parked\.backoff = 2h/)
})
