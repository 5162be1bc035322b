import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { parseJson } from '../../../src/decode/json.ts'
import { OccError } from '../../../src/kernel/errors.ts'

const parse = (text: string) => parseJson(Buffer.from(text))
const fixture = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../fixtures', name), 'utf8')

test('integers beyond 2^53 keep every digit, as strings', () => {
  assert.deepEqual(parse('{"Amount":18446744073709551557}'), { Amount: '18446744073709551557' })
  assert.deepEqual(parse('{"Time" : 1762848211206271828 , "Fee":0}'), {
    Time: '1762848211206271828',
    Fee: 0,
  })
  assert.deepEqual(parse('[-9223372036854775808]'), ['-9223372036854775808'])
  assert.equal(parse(' 18446744073709551557\n'), '18446744073709551557')
})

test('numbers that JSON.parse reads exactly stay numbers', () => {
  const text =
    '{"a":9007199254740991,"b":-9007199254740991,"c":1234567890123456,"d":0.1234567890123456789,"e":12345678901234567890.5,"f":12345678901234567890e3,"g":1e400,"h":1.5}'
  assert.deepEqual(parse(text), JSON.parse(text))
})

test('the first unsafe integers on each side are strings', () => {
  assert.deepEqual(parse('[9007199254740992,-9007199254740992,9007199254740993]'), [
    '9007199254740992',
    '-9007199254740992',
    '9007199254740993',
  ])
})

test('digits inside strings are left alone, whatever they look like', () => {
  for (const value of [
    ':18446744073709551557,',
    '"x":18446744073709551557,',
    '\\":18446744073709551557,',
    '[18446744073709551557]',
    'x\\"y":18446744073709551557}',
    '18446744073709551557',
    '0000000000000000000000000000000000000000000000000000000068325db20',
  ]) {
    assert.equal(parse(JSON.stringify(value)), value)
    assert.deepEqual(parse(JSON.stringify({ value, big: 1 })), { value, big: 1 })
    assert.deepEqual(parse(JSON.stringify([value, 'z'])), [value, 'z'])
    const text = `{${JSON.stringify(value)}:18446744073709551557}`
    assert.deepEqual(parse(text), { [value]: '18446744073709551557' })
  }
})

test('the samples keep every digit', () => {
  const solana = parse(fixture('solana.transfers.2-u64-precision.json')) as never as [
    { Transfer: { Amount: string } },
  ]
  assert.equal(solana[0].Transfer.Amount, '18446744073709551557')
  const tron = parse(fixture('tron.broadcasted.transactions.1-trc20.json')) as never as [
    { Transaction: { TransactionHeader: { Time: string; Expiration: string; Data: string } } },
  ]
  const header = tron[0].Transaction.TransactionHeader
  assert.equal(header.Time, '1762848211206271828')
  assert.equal(header.Expiration, '1762848267000000000')
  const plain = fixture('solana.transfers.1-block-batch.json')
  assert.deepEqual(parse(plain), JSON.parse(plain))
})

test('works after a byte order mark and with other alphabets', () => {
  assert.deepEqual(parse('\ufeff{"名":"日本","Amount":18446744073709551557}'), {
    名: '日本',
    Amount: '18446744073709551557',
  })
  assert.equal(parse('\ufeff":18446744073709551557,"'), ':18446744073709551557,')
})

test('broken JSON is refused with the position and without the text', () => {
  const broken: ReadonlyArray<[string, RegExp]> = [
    ['', /it is empty/],
    ['{"secret":"verysecret"', /at character 22/],
    ['{"secret":verysecret}', /unexpected character at 10 /],
    ['verysecret', /unexpected character at 0 /],
    ['["verysecret",]', /unexpected character at 14 /],
    ['{"verysecret":18446744073709551557,"b":verysecret}', /unexpected character at 39 /],
    ['{"verysecret":18446744073709551557,"b" 1}', /at character 39/],
    ['{"verysecret":tr', /ends too early/],
    ['["verysecret', /Unterminated string.* 12 /],
    [`["verysecret",${' '.repeat(100_000)}x]`, /unexpected character \(/],
  ]
  for (const [text, message] of broken) {
    assert.throws(
      () => parse(text),
      (error) => {
        assert.ok(error instanceof OccError)
        assert.equal(error.code, 'OCC_JSON_INVALID')
        assert.match(error.message, message)
        assert.doesNotMatch(error.message, /verys/)
        assert.equal(error.cause, undefined)
        return true
      },
    )
  }
})

test('quoting never makes broken JSON valid', () => {
  for (const text of [
    '{18446744073709551557:1}',
    '{"a":1,18446744073709551557}',
    '[00018446744073709551557]',
    '{"a":-018446744073709551557}',
    '{"a":+18446744073709551557}',
    '{"a":--18446744073709551557}',
    '[1 18446744073709551557]',
    '{"a":18446744073709551557:1}',
    '"a":18446744073709551557,',
    '{"a" "b":18446744073709551557}',
    '{"a:18446744073709551557}',
  ]) {
    assert.throws(() => parse(text), OccError, text)
  }
})

test('invalid UTF-8 is reported with its position in the original value', () => {
  const bytes = Buffer.concat([
    Buffer.from('{"a":18446744073709551557,"b":"'),
    Buffer.from([0xff]),
    Buffer.from('"}'),
  ])
  assert.throws(() => parseJson(bytes), /byte 31 of 34/)
})

test('nesting of any depth is read or refused, and does not end the process', () => {
  assert.throws(() => parse('['.repeat(1_000_000)), OccError)
  assert.throws(() => parse('{"a":'.repeat(200_000)), OccError)
  assert.ok(Array.isArray(parse(`${'['.repeat(500_000)}${']'.repeat(500_000)}`)))
})

test('a property called __proto__ is only a property', () => {
  const document = parse('{"__proto__":{"polluted":true}}')
  assert.equal(Object.getPrototypeOf(document), Object.prototype)
  assert.equal(({} as { polluted?: boolean }).polluted, undefined)
})
