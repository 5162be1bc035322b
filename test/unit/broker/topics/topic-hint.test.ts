import assert from 'node:assert/strict'
import test from 'node:test'
import { isUsersTopic, topicHint } from '../../../../src/broker/topics/topic-hint.ts'

test('the topic that was meant, or those there are if they are few', () => {
  const names = ['solana.transfers', 'tron.broadcasted.transactions']
  assert.equal(topicHint('solana.transfer', names), ' Did you mean "solana.transfers"?')
  assert.equal(
    topicHint('evm.blocks', names),
    ' The topics that this user may see: solana.transfers, tron.broadcasted.transactions.',
  )
  const many = Array.from({ length: 11 }, (_, index) => `${'x'.repeat(20)}${index}`)
  assert.deepEqual([topicHint('evm.blocks', many), topicHint('evm.blocks', [])], ['', ''])
  assert.deepEqual(['__consumer_offsets', 'a__b'].filter(isUsersTopic), ['a__b'])
})
