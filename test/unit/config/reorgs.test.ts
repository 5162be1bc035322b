import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { loadYaml, problemsOf } from './support.ts'

const OWN = 'table: t, columns: {id: id, block: block.hash}'

function problems(t: TestContext, sink: string, handler = 'sink: db', rest = '', reorgs = true) {
  const db = `{type: postgres, urlFile: config.yaml, ${sink}}`
  const yaml = `sinks: {db: ${db}}\nhandlers: [{${handler}}]\ndecode: {protobuf: {reorgs: ${reorgs}}}\n${rest}`
  return problemsOf(loadYaml(t, yaml))
}

test('onReorg needs the events of reorgs, and a handler that passes them on', (t) => {
  const sink = 'events: transfers, onReorg: mark'
  assert.deepEqual(problems(t, sink), [])
  assert.deepEqual(problems(t, 'events: transfers', 'sink: db', '', false), [])
  assert.deepEqual(problems(t, sink, 'sink: db', '', false), [
    'sinks.db.onReorg: needs events of reorgs, and decode.protobuf.reorgs is false',
  ])
  assert.deepEqual(problems(t, sink, 'sink: db, filter: {kinds: [transfer]}'), [
    'handlers[0].filter.kinds: leaves out reorg, which db needs with onReorg: mark',
  ])
  assert.deepEqual(problems(t, sink, 'sink: db', 'filter: {kinds: [transfer]}\n'), [
    'filter.kinds: leaves out reorg, which db needs with onReorg: mark',
  ])
  assert.deepEqual(problems(t, sink, 'sink: db, filter: {kinds: [transfer, reorg]}'), [])
  assert.deepEqual(problems(t, sink, 'sink: db, each: message'), [
    'handlers[0].each: gives db no events, and with onReorg: mark it needs those of reorgs',
  ])
})

test('a table of the user needs a column from block.hash, which is in its key', (t) => {
  assert.deepEqual(problems(t, `${OWN}, onReorg: delete`), [])
  assert.deepEqual(problems(t, `${OWN}, key: [id, block], onReorg: mark`), [])
  assert.deepEqual(problems(t, 'table: t, columns: {id: id}, onReorg: delete'), [
    'sinks.db.columns: has no column from block.hash: nothing says which rows are of a block',
  ])
  assert.deepEqual(problems(t, `${OWN}, key: id, onReorg: delete`), [
    'sinks.db.key: lacks block, the column of the block: a row of a superseded block would stand in the way of the same event in the new one',
  ])
  const marked = 'table: t, columns: {block: block.hash, superseded_by: id}, onReorg: mark'
  assert.deepEqual(problems(t, marked), [
    'sinks.db.columns: is the column of the mark, which onReorg writes',
  ])
})
