import assert from 'node:assert/strict'
import test from 'node:test'
import { parseFilter } from '../../../src/config/load/parse-filter.ts'

test('a filter of a request has the rules of handlers', () => {
  assert.deepEqual(parseFilter('{"minAmount": 1000.5, "assets": ["SOL"]}'), {
    minAmount: '1000.5',
    assets: ['SOL'],
  })
})

for (const [text, expected] of [
  ['nonsense', /^filter is nonsense; give a JSON object/],
  ['[1]', /^filter is \[1\]; give a JSON object/],
  ['{"minAmount": "a lot"}', /^filter\.minAmount = "a lot" is not an amount\. Remedy: /],
  ['{"asset": ["SOL"]}', /^filter\.asset .*assets/],
  ['{"addressesFile": "/etc/passwd"}', /^filter\.addressesFile is not for this; give addresses$/],
] as const) {
  test(`what is wrong with the filter ${text}`, () => {
    assert.match(String(parseFilter(text)), expected)
  })
}
