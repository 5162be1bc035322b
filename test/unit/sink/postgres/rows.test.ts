import assert from 'node:assert/strict'
import test from 'node:test'
import { type CellOptions, cellsOf } from '../../../../src/sink/postgres/rows/cell.ts'
import { createDistinctRows } from '../../../../src/sink/postgres/rows/distinct-rows.ts'
import { createMapping } from '../../../../src/sink/postgres/rows/mapping.ts'
import { createInsert } from '../../../../src/sink/postgres/rows/statement.ts'

const NUL = String.fromCharCode(0)

function cell(value: unknown, type: string, over: Partial<CellOptions> = {}) {
  return cellsOf('a_column', { type, unit: 'ms', nul: 'refuse', ...over })(value)
}

test('integers of any size keep their digits, and objects become JSON', () => {
  assert.equal(cell(2n ** 256n - 1n, 'numeric')?.length, 78)
  assert.equal(cell('18446744073709551615', 'numeric'), '18446744073709551615')
  assert.equal(cell(1.5, 'numeric'), '1.5')
  assert.equal(cell({ a: [2n ** 64n] }, 'jsonb'), '{"a":["18446744073709551616"]}')
  assert.equal(cell('say "x"', 'jsonb'), '"say \\"x\\""')
  assert.equal(cell(false, 'boolean'), 'false')
  assert.deepEqual([cell(null, 'text'), cell(undefined, 'text')], [null, null])
  assert.equal(cell(Buffer.from([0, 255]), 'bytea'), '\\x00ff')
  const crossed = JSON.parse(JSON.stringify(Buffer.from([0, 255])))
  assert.equal(cell(crossed, 'bytea'), '\\x00ff', 'emitted in a worker thread')
  assert.equal(cell('0xabcd', 'bytea'), '\\xabcd')
  assert.equal(cell('0xabcd', 'text'), '0xabcd')
})

test('numbers become times by their unit, to the microsecond; text is left to the database', () => {
  const at = '2026-11-28T12:00:00.123Z'
  const ms = Date.parse(at)
  assert.equal(cell(ms, 'timestamptz'), at)
  assert.equal(
    cell(Math.floor(ms / 1000), 'timestamptz', { unit: 's' }),
    '2026-11-28T12:00:00.000Z',
  )
  const precise = '2026-11-28T12:00:00.123456Z'
  assert.equal(cell(`${ms}456`, 'timestamptz', { unit: 'us' }), precise)
  assert.equal(cell(`${ms}456789`, 'timestamptz', { unit: 'ns' }), precise)
  assert.equal(cell(-1, 'timestamptz', { unit: 'ns' }), '1969-12-31T23:59:59.999999Z')
  assert.equal(cell('yesterday', 'timestamptz'), 'yesterday')
  assert.equal(cell(10n ** 30n, 'timestamptz'), String(10n ** 30n), 'PostgreSQL refuses it')
  assert.equal(cell(ms, 'bigint'), String(ms))
})

test('NaN and infinities are not NULL, as a column and inside objects', () => {
  assert.equal(cell(Number.NaN, 'numeric'), 'NaN')
  assert.equal(cell({ rate: Number.NEGATIVE_INFINITY }, 'jsonb'), '{"rate":"-Infinity"}')
})

test('U+0000 is refused with the name of the column, or left out, inside objects too', () => {
  assert.throws(() => cell(`a${NUL}`, 'text'), { code: 'OCC_EMIT_ROW', message: /a_column.*nul/ })
  assert.throws(() => cell({ a: NUL }, 'jsonb'), { code: 'OCC_EMIT_ROW' })
  assert.equal(cell(`a${NUL}b`, 'text', { nul: 'remove' }), 'ab')
  assert.equal(cell({ a: `x${NUL}` }, 'jsonb', { nul: 'remove' }), '{"a":"x"}')
})

test('U+0000 in the name of a field, too', () => {
  const value = { a: [{ [`x${NUL}y`]: '\\u0000' }], n: 0.1 }
  assert.throws(() => cell(value, 'jsonb'), { code: 'OCC_EMIT_ROW', message: /a_column.*nul/ })
  const removed = cell(value, 'jsonb', { nul: 'remove' })
  assert.equal(removed, '{"a":[{"xy":"\\\\u0000"}],"n":0.1}')
})

test('half a character does not make JSON that PostgreSQL refuses: text columns get the same', () => {
  const half = 'a\ud800'
  assert.equal(cell(half, 'jsonb'), '"a\ufffd"')
  assert.equal(cell({ [half]: half, whole: '😀' }, 'jsonb'), '{"a\ufffd":"a\ufffd","whole":"😀"}')
})

test('a path leads through objects and lists; what is missing is NULL', () => {
  const column = (path: string) => ({ path, type: 'text', unit: 'ms' as const })
  const columns = { mint: column('asset.address'), second: column('calls.1.to'), no: column('x.y') }
  const { rowsOf } = createMapping({ table: 't', columns, key: [], update: [], nul: 'refuse' })
  const value = { asset: { address: 'M' }, calls: [{ to: 'a' }, { to: 'b' }] }
  assert.deepEqual(rowsOf(value), [['M', 'b', null]])
  assert.deepEqual(rowsOf([value, {}]), [
    ['M', 'b', null],
    [null, null, null],
  ])
  assert.throws(() => rowsOf('text'), { code: 'OCC_EMIT_ROW' })
})

test('rows of a batch are ordered by key, each key once, NULL never equal', () => {
  const table = { table: 't', columns: ['k', 'v'].map((name) => ({ name, type: 'text' })) }
  const rows = [
    ['b', '1'],
    ['a', '2'],
    ['b', '3'],
    [null, '4'],
    [null, '5'],
  ]
  const nulls = [
    [null, '4'],
    [null, '5'],
  ]
  const first = createDistinctRows({ ...table, key: ['k'], update: [] })
  assert.deepEqual(first(rows), [['a', '2'], ['b', '1'], ...nulls])
  const last = createDistinctRows({ ...table, key: ['k'], update: ['v'] })
  assert.deepEqual(last(rows), [['a', '2'], ['b', '3'], ...nulls])
  assert.equal(createDistinctRows({ ...table, key: [], update: [] })(rows), rows)
})

test('the statement is the same for any number of rows', () => {
  const { text, valuesOf } = createInsert({
    table: 'chain.transfers',
    columns: [
      { name: 'id', type: 'bytea' },
      { name: 'a"b', type: 'numeric' },
    ],
    key: ['id'],
    update: ['a"b'],
  })
  assert.equal(
    text,
    'insert into "chain"."transfers" ("id", "a""b") select * from unnest($1::bytea[], $2::numeric[]) on conflict ("id") do update set "a""b" = excluded."a""b"',
  )
  assert.deepEqual(valuesOf([]), ['{}', '{}'])
  assert.deepEqual(
    valuesOf([
      ['\\xff', null],
      ['say "x", {y}', '1'],
    ]),
    ['{"\\\\xff","say \\"x\\", {y}"}', '{NULL,"1"}'],
  )
})

test('no cast has a length, which would cut a value where the insert refuses it', () => {
  const types = [
    'varchar(10)',
    'char(3)',
    'character (3)',
    'bit(3)',
    'numeric(5, 2)',
    'timestamp(3)',
  ]
  const columns = types.map((type, index) => ({ name: `c${index}`, type }))
  const { text } = createInsert({ table: 't', columns, key: [], update: [] })
  const casts = [...text.matchAll(/::([^[]+)\[\]/g)].map(([, type]) => type)
  assert.deepEqual(casts, ['varchar', 'bpchar', 'bpchar', 'varbit', 'numeric', 'timestamp'])
})
