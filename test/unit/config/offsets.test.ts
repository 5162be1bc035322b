import assert from 'node:assert/strict'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import {
  heldSinks,
  holdsLetters,
  recordsOffsets,
} from '../../../src/app/offsets/open-offsets-pool.ts'
import { configOf, folder, loadYaml, problemsOf, textOf } from './support.ts'

/** Two databases, a and b. */
function load(t: TestContext, yaml: (path: string) => string) {
  const url = 'postgresql://user:hunter2@db/rows'
  const path = folder(t, { a: url, b: url })
  return loadYaml(t, yaml(path))
}

const sink = (path: string, file: string) =>
  `{type: postgres, urlFile: "${join(path, file)}", events: transfers}`
const store = (path: string, more = '') =>
  `offsets: {store: postgres, postgres: {urlFile: "${join(path, 'a')}"}}\n${more}`

test('a store of offsets needs a database, whose URL is never in the configuration', (t) => {
  const missing = load(t, () => 'offsets: {store: postgres}\n')
  assert.match(textOf(missing), /offsets\.postgres\.urlFile\n +is missing/)
  const given = load(t, () => 'offsets: {postgres: {url: "postgresql://user:hunter2@db/rows"}}\n')
  assert.match(textOf(given), /put it into a file.*offsets\.postgres\.urlFile/)
  assert.doesNotMatch(textOf(given), /hunter2/)
  const unreadable = load(t, () => 'offsets: {store: postgres, postgres: {urlFile: /nowhere}}\n')
  assert.match(textOf(unreadable), /offsets\.postgres\.urlFile/)
})

test('offsets are recorded in a table of their own, and only beside Kafka', (t) => {
  const record = (every: string, more: string) =>
    `offsets: {record: {every: ${every}${more}}, postgres: {urlFile: PATH}}\n`
  const loaded = (yaml: string) => load(t, (path) => yaml.replace('PATH', `"${join(path, 'a')}"`))
  assert.deepEqual(problemsOf(loaded(record('10s', ''))), [])
  assert.equal(recordsOffsets(configOf(loaded(record('10s', '')))), true)
  assert.equal(recordsOffsets(configOf(loaded(''))), false)
  const without = loaded('offsets: {record: {every: 10s}}\n')
  assert.match(textOf(without), /offsets\.postgres\.urlFile\n +is missing/)
  assert.match(textOf(loaded(record('10ms', ''))), /record\.every.*\n.*is below 1s.*0s to record/s)
  const deciding = loaded(record('10s', ', table: onchain_offsets'))
  assert.match(textOf(deciding), /offsets\.record\.table.*\n.*name another/s)
  const stored = loaded(record('10s', '').replace('{record', '{store: postgres, record'))
  assert.match(textOf(stored), /record\.every.*\n.*has already/)
})

test('what cannot take part in its transactions is refused', (t) => {
  const problems = problemsOf(
    load(t, (path) => store(path, 'commit: {mode: batch}\nprocessing: {workers: auto}\n')),
  )
  assert.deepEqual(
    problems.map((text) => text.replace(/:.*/, '')),
    ['commit.mode'],
  )
})

test('the sinks and the letters of the same database are in its transactions, and others are told', (t) => {
  const loaded = load(t, (path) =>
    store(
      path,
      `sinks: {here: ${sink(path, 'a')}, there: ${sink(path, 'b')}, out: {type: log}}\n` +
        `deadLetters: {target: postgres, postgres: {urlFile: "${join(path, 'a')}"}}\n`,
    ),
  )
  const config = configOf(loaded)
  assert.deepEqual([...heldSinks(config)], ['here'])
  assert.equal(holdsLetters(config), true)
  assert.equal(
    holdsLetters({ ...config, deadLetters: { ...config.deadLetters, fallback: 'file' } }),
    false,
  )
  assert.deepEqual(loaded.ok && loaded.warnings.map(({ key }) => key), ['sinks.there.urlFile'])
  const { offsets } = configOf(loadYaml(t, ''))
  assert.deepEqual([offsets.store, [...heldSinks({ ...config, offsets })]], ['kafka', []])
})

test('a fallback of a sink in the transactions is refused: no row that is refused gets there', (t) => {
  const problems = (file: string) =>
    problemsOf(
      load(t, (path) => {
        const db = sink(path, file).replace('}', ', fallback: out}')
        return store(path, `sinks: {db: ${db}, out: {type: log}}\n`)
      }),
    )
  const [found, ...others] = problems('a')
  assert.match(found ?? '', /^sinks\.db\.fallback: would get nothing/)
  assert.deepEqual([others, problems('b')], [[], []])
})
