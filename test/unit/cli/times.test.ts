import assert from 'node:assert/strict'
import test from 'node:test'
import { main } from '../../../src/cli/index.ts'
import { fakeIo } from '../../support/fake-io.ts'

const FLAGS = [
  ['peek', 't', '--since'],
  ['handler', 'test', 'h.ts', '--topic', 't', '--since'],
  ['alert', 'dry-run', 'whale', '--since'],
  ['dlq', 'list', '--since'],
  ['dlq', 'list', '--until'],
  ['produce', '--topic', 't', '--timestamp'],
  ['replay', '--from'],
  ['replay', '--from', '2h', '--to'],
  ['read', 't', '--until'],
  ['offsets', 'plan', '--topic', 't', '--all-partitions', '--to'],
] as const

for (const args of FLAGS) {
  test(`${args.join(' ')} refuses a time that is another moment elsewhere, or none`, async () => {
    for (const [text, why] of [
      ['2026-01-31T12:00:00', /has no time zone, .* write 2026-01-31T12:00:00Z for UTC/],
      ['2026-01-31', /has no time zone, .* write 2026-01-31T00:00:00Z for UTC/],
      ['2025-02-30T12:00:00Z', /is no date that exists/],
      ['yesterday', /is not understood; give .*an age \(2h\), or a time with its zone/],
    ] as const) {
      const io = fakeIo()
      assert.equal(await main([...args, text], io), 2, text)
      const flag = args.at(-1)
      assert.ok(io.stderr.written().includes(`${flag}: ${text} `), io.stderr.written())
      assert.match(io.stderr.written(), why)
    }
  })
}
