import assert from 'node:assert/strict'
import test from 'node:test'
import { createTopicRules, DEFAULT_RULE, type TopicRule } from '../../../src/decode/topic-rules.ts'
import { matchesTopic } from '../../../src/kernel/topic-pattern.ts'

const rulesOf = (rules: readonly TopicRule[]) =>
  createTopicRules(rules, DEFAULT_RULE, (rule) => rule)

test('a pattern is an exact name, or a glob', () => {
  const matches: ReadonlyArray<[string, string, boolean]> = [
    ['solana.transfers', 'solana.transfers', true],
    ['solana.transfers', 'solana.transfers.proto', false],
    ['solana.transfers', 'solanaXtransfers', false],
    ['*', '', true],
    ['*', 'anything', true],
    ['solana.*', 'solana.', true],
    ['solana.*', 'solana.transfers', true],
    ['solana.*', 'tron.solana.transfers', false],
    ['*.proto', 'solana.tokens.proto', true],
    ['*.proto', '.proto.x', false],
    ['*.*.proto', 'a.proto', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['*a*b*', 'xxaxxbxx', true],
    ['*a*b*', 'xxbxxaxx', false],
    ['**', 'x', true],
  ]
  for (const [pattern, topic, expected] of matches) {
    assert.equal(matchesTopic(pattern, topic), expected, `${pattern} on ${topic}`)
  }
})

test('the first matching rule wins, and a topic without one is JSON', () => {
  const rules = rulesOf([
    { pattern: 'solana.raw', format: 'raw' },
    { pattern: 'solana.*', format: 'text' },
    { pattern: '*', format: 'raw' },
  ])
  assert.equal(rules.find('solana.raw').format, 'raw')
  assert.equal(rules.find('solana.transfers').format, 'text')
  assert.equal(rules.find('solana.transfers').format, 'text')
  assert.deepEqual(rulesOf([]).find('any'), {
    pattern: '*',
    format: 'json',
    events: 'auto',
  })
})

test('more topics than are remembered are still matched correctly', () => {
  const rules = rulesOf([{ pattern: 'text.*', format: 'text' }])
  for (let index = 0; index < 5_000; index++) {
    assert.equal(rules.find(`text.${index}`).format, 'text')
    assert.equal(rules.find(`other.${index}`).format, 'json')
  }
})
