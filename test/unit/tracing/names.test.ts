import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import * as conventions from '@opentelemetry/semantic-conventions/incubating'
import * as names from '../../../src/tracing/attributes.ts'

const all: readonly string[] = Object.values(names).filter((name) => typeof name === 'string')
const docs = readFileSync(join(import.meta.dirname, '../../../docs/tracing.md'), 'utf8')

test('every attribute is one of the semantic conventions or our own, and is in docs/tracing.md', () => {
  const known = new Set<unknown>(Object.values(conventions))
  const foreign = all.filter((name) => !name.startsWith('onchain_consumer.'))
  assert.deepEqual(
    foreign.filter((name) => !known.has(name)),
    [],
  )
  assert.deepEqual(
    all.filter((name) => !docs.includes(`\`${name}\``)),
    [],
  )
})

test('the values of the conventions are used as they stand', () => {
  assert.equal(conventions.MESSAGING_SYSTEM_VALUE_KAFKA, 'kafka')
  assert.equal(conventions.MESSAGING_OPERATION_TYPE_VALUE_PROCESS, 'process')
  assert.equal(conventions.MESSAGING_OPERATION_TYPE_VALUE_SEND, 'send')
  assert.equal(conventions.MESSAGING_OPERATION_TYPE_VALUE_SETTLE, 'settle')
})
