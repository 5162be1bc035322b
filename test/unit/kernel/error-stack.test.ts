import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { pathToFileURL } from 'node:url'
import { MAX_STACK, stackOf } from '../../../src/kernel/error-stack.ts'
import { CodedError, OccError } from '../../../src/kernel/errors.ts'
import { fromWireError, toWireError } from '../../../src/workers/wire.ts'

function thrown(
  stack: string,
  code: 'OCC_HANDLER' | 'OCC_EMIT' | 'OCC_PIPELINE' = 'OCC_HANDLER',
): OccError {
  return new OccError(code, 'failed', { cause: Object.assign(new Error('x'), { stack }) })
}

test('the lines of the handler, without those of the service and of Node', () => {
  const own = join(import.meta.dirname, '../../../src/handle/call/invoker.ts')
  const stack = [
    'TypeError: password=hunter2',
    '    at JSON.parse (<anonymous>)',
    '    at parse (/handlers/whale.ts:3:7)',
    '    at async Promise.all (index 0)',
    '    at async open (/handlers/whale.ts:9:3)',
    `    at start (${own}:90:12)`,
    '    at async Promise.allSettled (index 0)',
    `    at async tryAll (${own}:95:12)`,
    '    at process.processTicksAndRejections (node:internal/process/task_queues:104:5)',
  ].join('\n')
  assert.equal(
    stackOf(thrown(stack)),
    [
      '    at JSON.parse (<anonymous>)',
      '    at parse (/handlers/whale.ts:3:7)',
      '    at async Promise.all (index 0)',
      '    at async open (/handlers/whale.ts:9:3)',
    ].join('\n'),
  )
  const ownOnly = `Error: x\n    at start (${pathToFileURL(own)}:90:12)`
  assert.equal(stackOf(thrown(ownOnly)), null)
  const fault = stackOf(thrown(ownOnly, 'OCC_PIPELINE'))
  assert.equal(fault, ownOnly.slice('Error: x\n'.length), 'a fault of the service')
})

test('an error whose message says all has none; one with a code of the handler has its own', () => {
  assert.equal(stackOf(new OccError('OCC_HANDLER_TIMEOUT', 'took too long')), null)
  assert.equal(stackOf(thrown('Error: x\n    at a (/b.ts:1:1)', 'OCC_EMIT')), null)
  assert.match(stackOf(new CodedError('OCC_TOO_POOR', 'x')) ?? '', /error-stack\.test\.ts:\d+:\d+/)
  for (const cause of ['text', null, { stack: 5 }, Object.create(null, { stack: { get: fail } })]) {
    assert.equal(stackOf(new OccError('OCC_HANDLER', 'x', { cause })), null)
  }
})

function fail(): never {
  throw new Error('a getter')
}

test('it is bounded, redacted, and crosses threads', () => {
  const line = '    at call (https://user:hunter2@host/x.js?token=hunter2:1:2)\n'
  const error = thrown(`Error: x\n${line.repeat(1_000)}`)
  const stack = stackOf(error) ?? ''
  assert.ok(stack.length <= MAX_STACK, String(stack.length))
  assert.doesNotMatch(stack, /hunter2/)
  assert.equal(stackOf(fromWireError(structuredClone(toWireError(error)))), stack)
})
