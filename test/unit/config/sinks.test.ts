import assert from 'node:assert/strict'
import test from 'node:test'
import { configOf, loadYaml, problemsOf } from './support.ts'

const DB = 'type: postgres, urlFile: config.yaml'

test('a column is a path, or a path with a type; the name of the column is the path by default', (t) => {
  const columns = 'id: id, amount: {type: numeric}, at: {from: time, type: timestamptz, unit: s}'
  const { sinks } = configOf(
    loadYaml(t, `sinks: {db: {${DB}, table: a.b, columns: {${columns}}, key: id}}\n`),
  )
  const db = sinks['db']
  assert.ok(db?.type === 'postgres')
  assert.match(db.urlFile, /^\/.*\/config.yaml$/)
  assert.deepEqual(db.key, ['id'])
  assert.deepEqual(db.columns, {
    id: { from: 'id', type: 'text', unit: 'ms' },
    amount: { type: 'numeric', unit: 'ms' },
    at: { from: 'time', type: 'timestamptz', unit: 's' },
  })
})

test('types and tables end up in SQL, so they are checked', (t) => {
  const wrong = ['text); drop table x; --', 'text[]', 'numeric(10']
  for (const type of wrong) {
    const yaml = `sinks: {db: {${DB}, table: t, columns: {a: {type: "${type}"}}}}\n`
    assert.deepEqual(problemsOf(loadYaml(t, yaml)), [
      'sinks.db.columns.a.type: is not the name of a type',
    ])
  }
  for (const type of ['numeric(38,0)', 'double precision', 'timestamp with time zone', 'my.kind']) {
    const yaml = `sinks: {db: {${DB}, table: t, columns: {a: {type: "${type}"}}}}\n`
    assert.deepEqual(problemsOf(loadYaml(t, yaml)), [])
  }
})

test('key and update name columns, and update needs a key', (t) => {
  const yaml = (rest: string) => `sinks: {db: {${DB}, table: t, columns: {a: a, b: b}, ${rest}}}\n`
  assert.deepEqual(problemsOf(loadYaml(t, yaml('key: c, update: a'))), [
    'sinks.db.key: is not one of sinks.db.columns',
  ])
  assert.deepEqual(problemsOf(loadYaml(t, yaml('update: b'))), [
    'sinks.db.update: needs sinks.db.key: without it no row is known to be there already',
  ])
})

test('a handler without code names a sink that exists; one with code names none', (t) => {
  const load = (handlers: string) =>
    problemsOf(loadYaml(t, `sinks: {out: {type: log}}\nhandlers: [${handlers}]\n`))
  assert.deepEqual(load('{sink: out}, {sink: out, name: second, each: message}'), [])
  assert.deepEqual(load('{name: a}, {sink: nowhere}, {path: a.ts, sink: out}'), [
    'handlers[0].path: is missing',
    'handlers[1].sink: is not one of sinks: there are out',
    'handlers[2].sink: stands beside path',
  ])
})
