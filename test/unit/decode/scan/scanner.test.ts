import assert from 'node:assert/strict'
import test from 'node:test'
import { createWantedReader } from '../../../../src/decode/scan/scanner.ts'
import { union, type WantedFields } from '../../../../src/decode/scan/wanted-fields.ts'

const LONGEST = 'a'.repeat(32)
const wanted: WantedFields = {
  Amount: true,
  Of: { Amount: true, Owner: true },
  [LONGEST]: true,
  InstructionIndex: true,
  TransactionHeader: true,
}
const { scan, parse } = createWantedReader(wanted)
const { scan: check, parse: parseChecked } = createWantedReader({})

const split = (text: string) => text.split(' ')
const same = (text: string) => JSON.stringify(JSON.parse(text))

/** What is read of the wanted fields, as JSON; null: refused. */
function scanned(text: string): string | null {
  const found = scan(Buffer.from(text))
  return found === null ? null : JSON.stringify(parse(found))
}

test('keeps what is wanted of objects, and of the elements of lists', () => {
  const cases: ReadonlyArray<[string, string]> = [
    [
      '{"Amount":1,"Name":"x","Of":{"Owner":"y","Amounts":[1,{"Amount":2}]}}',
      '{"Amount":1,"Of":{"Owner":"y"}}',
    ],
    [
      '[{"Name":{"Amount":1},"Amount":2},[{"Amount":true}],{}]',
      '[{"Amount":2},[{"Amount":true}],{}]',
    ],
    ['{"Of":[{"Owner":null,"x":1},"text",-1.5e3,[]]}', '{"Of":[{"Owner":null},"text",-1.5e3,[]]}'],
    ['{"Amount":{"Amount":1},"Of":"text"}', '{"Amount":{},"Of":"text"}'],
    ['{"Amount":1,"Amount":"2"}', '{"Amount":1,"Amount":"2"}'],
    ['{"Amoun":1,"Amounts":2,"amount":3,"":4}', '{}'],
    [
      '{"InstructionIndex":1,"InstructionIndeX":2,"TransactionHeader":3,"TransactionHeadeR":4}',
      '{"InstructionIndex":1,"TransactionHeader":3}',
    ],
    ['{"tRansactionHeader":1,"TransactionHeade":2}', '{}'],
    [`{"${LONGEST}":1,"${LONGEST}a":2}`, `{"${LONGEST}":1}`],
    [' \t\r\n{ "Amount" : 1 , "x" : [ ] , "Of" : { } } ', '{"Amount":1,"Of":{}}'],
    ['{"Amount":"\\"{,\\\\"}', '{"Amount":"\\"{,\\\\"}'],
    ['{"Amount":"日本","x":"é"}', '{"Amount":"日本"}'],
    ['\ufeff{"Amount":1}', '{"Amount":1}'],
    ['7', '7'],
    ['"text"', '"text"'],
  ]
  for (const [text, expected] of cases) assert.equal(scanned(text), same(expected), text)
})

test('wants nothing of an empty list of fields, and checks all the same', () => {
  const found = check(Buffer.from('{"a":[1,"x",{"b":null}]}'))
  assert.ok(found !== null)
  assert.equal(parseChecked(found), null)
  assert.equal(check(Buffer.from('{"a":[1,"x",{"b":nul}]}')), null)
})

test('integers beyond 2^53 are put in quotes, and only they', () => {
  const numbers: ReadonlyArray<[string, string]> = [
    ['9007199254740991', '9007199254740991'],
    ['9007199254740992', '"9007199254740992"'],
    ['-9007199254740991', '-9007199254740991'],
    ['-9007199254740992', '"-9007199254740992"'],
    ['18446744073709551557', '"18446744073709551557"'],
    ['18446744073709551557.5', '18446744073709551557.5'],
    ['18446744073709551557e2', '18446744073709551557e2'],
    ['0.18446744073709551557', '0.18446744073709551557'],
    ['"18446744073709551557"', '"18446744073709551557"'],
  ]
  for (const [number, expected] of numbers) {
    assert.equal(scanned(`{"Amount":${number}}`), same(`{"Amount":${expected}}`))
    assert.equal(scanned(`[${number},0]`), same(`[${expected},0]`))
  }
})

test('refuses what JSON.parse refuses, wherever it is', () => {
  const values = [
    ...['', ' ', '\0', '1\0', '1 2', '"a\nb"', '"a\u0000b"', '"\u001f"', '[1 2]', '{"a" 1}'],
    ...split('01 - -01 +1 .5 1. 1.e1 1e 1e+ 0x1 NaN'),
    ...split("tru truE True fals falsE nul nulL nulll undefined 'a' `a`"),
    ...split('" "a "\\" "\\ "\\x" "\\u12" "\\u12g4" "\\u'),
    ...split('[ ] [1 [1, [1,] [,1] [1} [[] []] [1]] {]'),
    ...split('{ } {"a" {"a": {"a":1 {"a":1, {"a":1,} {,"a":1} {a:1} {1:1}'),
    ...split('{"a"::1} {"a":1,,"b":2} {"a":1}} {"a":} {"a\\x":1}'),
    ...['{"a":1 "b":2}', '{"a\n":1}'],
    ...['1,', '1:', '[1]//', '/**/1', 'é', '\u00a01', '1\u2028', '\ufeff'],
  ]
  for (const value of values) {
    assert.throws(() => JSON.parse(value), SyntaxError, value)
    for (const text of [value, `[${value}]`, `{"Amount":${value}}`, `{"x":${value}}`]) {
      try {
        JSON.parse(text)
        continue
      } catch {}
      assert.equal(scanned(text), null, text)
      assert.equal(check(Buffer.from(text)), null, text)
    }
  }
})

test('accepts each kind of value, at every length of a string around its special bytes', () => {
  for (let length = 0; length < 70; length++) {
    const fill = 'x'.repeat(length)
    for (const special of [
      '',
      ...split('\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u00eF \\ud800 \u007f é'),
    ]) {
      const value = `"${fill}${special}${fill}"`
      assert.equal(scanned(`{"Amount":${value},"x":${value}}`), same(`{"Amount":${value}}`))
      assert.equal(scanned(`{"${fill}é":${value}}`), '{}')
    }
    for (const end of ['\n', '\0', '\\']) assert.equal(scanned(`{"x":"${fill}${end}`), null)
  }
  for (const value of split('true false null 0 -0 12 1.50 1e5 1E+5 -1.5e-05 {} []')) {
    assert.equal(scanned(`{"Amount":${value}}`), same(`{"Amount":${value}}`))
    assert.equal(scanned(`[${value}]`), same(`[${value}]`))
  }
})

test('bytes that are not UTF-8 are refused, inside and outside of what is wanted', () => {
  for (const bad of ['ff', 'c0af', 'eda080', 'e697', 'f4908080', '80']) {
    for (const name of ['Amount', 'x']) {
      const text = [Buffer.from(`{"${name}":"`), Buffer.from(bad, 'hex'), Buffer.from('"}')]
      assert.equal(scan(Buffer.concat(text)), null, bad)
    }
  }
})

test('leaves to JSON.parse names with escapes, where they may be wanted, and deep nesting', () => {
  assert.equal(scanned('{"\\u0041mount":1}'), null)
  assert.equal(scanned('{"x":{"\\u0041mount":1}}'), '{}')
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  assert.equal(scanned(nested(200)), nested(200))
  assert.equal(scanned(nested(1_000_000)), null)
  assert.equal(scanned(`{"x":${nested(1_000_000)}}`), null)
})

test('long texts are scanned, very long ones are left to JSON.parse, and short ones follow', () => {
  const numbers = new Array(100_000).fill('18446744073709551557').join()
  assert.equal(scanned(`{"Amount":[${numbers}]}`)?.length, 13 + 23 * 100_000 - 1)
  assert.equal(scanned(`{"Amount":1,"x":[${numbers}]}`), '{"Amount":1}')
  assert.equal(scanned(`"${'x'.repeat(5_000_000)}"`), null)
  assert.equal(scanned('{"Amount":1,"x":1}'), '{"Amount":1}')
})

test('fields of several lists are joined', () => {
  const one = { a: true, b: { c: true }, d: { e: true } } as const
  const other = { b: true, d: { f: { g: true } }, h: true } as const
  assert.deepEqual(union([one, other]), {
    ...{ a: true, b: { c: true }, d: { e: true, f: { g: true } }, h: true },
  })
  assert.deepEqual(union([other, one]), union([one, other]))
  assert.deepEqual(union([]), {})
})
