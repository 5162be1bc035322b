import assert from 'node:assert/strict'
import test from 'node:test'
import { messageOf } from '../../../../src/kernel/errors.ts'
import { explain } from '../../../../src/sink/postgres/server-errors.ts'

for (const [code, text, section, remedy] of [
  [
    '3F000',
    'schema "chain" does not exist',
    'sinks.db',
    /create the schema, or correct sinks\.db\.table\.$/,
  ],
  ['42P01', 'relation "t" does not exist', 'sinks.db', /`events`; one for `columns` is yours/],
  ['42P01', 'relation "t" does not exist', 'offsets.postgres', /set offsets\.postgres\.migrate\.$/],
  ['ECONNREFUSED', 'refused', 'sinks.db', /check that the database is up/],
] as const) {
  test(`the remedy for ${code} at ${section} is what helps there`, () => {
    const explained = explain(Object.assign(new Error(text), { code }), section)
    assert.match(messageOf(explained), remedy)
  })
}
