import assert from 'node:assert/strict'
import test from 'node:test'
import { main } from '../../../src/cli/index.ts'
import { fakeIo } from '../../support/fake-io.ts'

const BROKERS = ['--brokers', '127.0.0.1:1']

for (const [args, said] of [
  [['produce', '--topic', 'a!b', ...BROKERS], 'kafka.topics[0] = "a!b" (from --topic)'],
  [['peek', 'a!b', ...BROKERS], 'kafka.topics[0] = "a!b" (from the argument TOPIC)'],
  [['handler', 'test', 'h.ts', '--topic', 'a!b'], 'kafka.topics[0] = "a!b" (from --topic)'],
  [['read', 'a', '--filter', '{"minAmount":-1}'], 'filter.minAmount = -1 (from --filter)'],
  [['read', 'a', '--filter', '{"asets":["USDC"]}'], 'filter.asets (from --filter)'],
  [
    ['handler', 'test', 'h.ts', '--topic', 'a', '--filter', '{"kinds":["x"]}'],
    'handlers[0].filter.kinds[0] = "x" (from --filter)',
  ],
  [['peek', 'a', '--brokers', 'x:0'], 'kafka.brokers[0] = "x:0" (from --brokers)'],
  [['lag', '--group', 'g', ...BROKERS], 'Check --brokers'],
  [['topics', ...BROKERS], 'Check --brokers'],
  [['produce', '--topic', 'a', ...BROKERS], 'Check --brokers'],
] as const) {
  test(`${args.join(' ')}: the message names what was typed`, async () => {
    const failure = await main([...args], fakeIo()).catch(String)
    assert.ok(String(failure).includes(said), String(failure))
  })
}
