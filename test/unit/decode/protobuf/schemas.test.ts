import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { encodeMessage } from '../../../../dev/synthetic/protobuf.ts'
import type { TopicRule } from '../../../../src/decode/topic-rules.ts'
import { bytesOf, decoderOf, folderOf, messageOf } from './support.ts'

const rules = [{ pattern: 'x', format: 'protobuf', message: 'a.A' }]
const one = 'syntax = "proto3"; package a; import "deep/b.proto"; message A { b.B b = 1; }'
const two = 'syntax = "proto3"; package b; message B { int32 c = 1; }'
const value = Buffer.from([0x0a, 2, 8, 5])

/** What `onchain-consumer check` prints of topic `x`. */
function problemOf(schemas: string | null, topics: readonly TopicRule[] = rules): string {
  const problem = decoderOf(schemas, topics).problemOf('x')
  return problem === null ? '' : `${problem.code}: ${problem.message}`
}

test('files are found wherever they are, and an import needs no path', (t) => {
  for (const files of [
    { 'a.proto': one, 'deep/b.proto': two },
    { 'a.proto': one, 'b.proto': two },
    { 'x/y/a.proto': one, 'z/other-name.proto': two, 'z/notes.txt': 'not a schema' },
  ]) {
    const decoder = decoderOf(folderOf(t, files), rules)
    assert.deepEqual(messageOf(decoder, 'x', value).document, { b: { c: 5 } })
  }
})

test('files of a mounted ConfigMap, which are links beside hidden copies, are read once', (t) => {
  const folder = folderOf(t, { 'a.proto': one, 'b.proto': two })
  mkdirSync(join(folder, '..2026'))
  symlinkSync('..2026', join(folder, '..data'))
  for (const name of ['a.proto', 'b.proto']) {
    renameSync(join(folder, name), join(folder, '..2026', name))
    symlinkSync(`..data/${name}`, join(folder, name))
  }
  assert.deepEqual(messageOf(decoderOf(folder, rules), 'x', value).document, { b: { c: 5 } })
})

test('options that files declare are of no interest, whatever their numbers, also beside a copy of what they extend', (t) => {
  const option = (of: string, name: string) =>
    `syntax = "proto3"; package ${of}; import "google/protobuf/descriptor.proto"; ${name}
     extend google.protobuf.FieldOptions { string label = 50001; }`
  const files = {
    'a.proto': option('a', 'message A { string c = 1 [(label) = "x"]; }'),
    'b.proto': option('b', 'message B { extend google.protobuf.MessageOptions { B b = 7; } }'),
  }
  const copy = readFileSync('node_modules/protobufjs/google/protobuf/descriptor.proto', 'utf8')
  for (const folder of [files, { ...files, 'google/protobuf/descriptor.proto': copy }]) {
    const decoder = decoderOf(folderOf(t, folder), rules)
    assert.deepEqual(messageOf(decoder, 'x', Buffer.from([10, 1, 98])).document, { c: 'b' })
  }
})

test('one message says what is wrong with the schemas, and where', (t) => {
  const cases: ReadonlyArray<[Record<string, string>, RegExp]> = [
    [{}, /holds no \.proto file: mount the schemas/],
    [{ 'a.proto': one }, /incomplete: .*b\.B.* Mount deep\/b\.proto, which a\.proto imports\./],
    [{ 'a.proto': 'message {' }, /a\.proto cannot be read: .*line 1/],
    [
      { 'a.proto': one, 'b.proto': two, 'c/b.proto': two },
      /c\/b\.proto cannot be read: duplicate name 'B'.* remove one/,
    ],
    [{ 'b.proto': two }, /x needs the message a\.A, which no file in .* declares/],
  ]
  for (const [files, expected] of cases) {
    const problem = problemOf(folderOf(t, files))
    assert.match(problem, /^OCC_PROTOBUF_SCHEMA: /)
    assert.match(problem, expected)
  }
  assert.match(problemOf('/does/not/exist'), /\/does\/not\/exist .* cannot be read: ENOENT/)
  assert.match(problemOf(null), /x needs the schema of a\.A: mount its \.proto files/)
  const unnamed = [{ pattern: 'x', format: 'protobuf' }]
  const folder = folderOf(t, { 'a.proto': one, 'b.proto': two })
  assert.match(problemOf(folder, unnamed), /Nothing says which message x holds/)
  const foreign = rules.map((rule) => ({ ...rule, events: 'solana.tokens' }))
  assert.match(
    problemOf(folder, foreign),
    /solana\.tokens are read from solana_messages\.Tok.*, not from a\.A/,
  )
  assert.equal(problemOf(folder), '')
})

test('every record of a topic without its schema fails with the remedy', () => {
  const result = decoderOf('/does/not/exist', rules).decode({
    ...{ topic: 'x', partition: 0, offset: 0, timestamp: 0, key: null, headers: undefined },
    value,
  })
  assert.equal(!result.ok && result.error.code, 'OCC_PROTOBUF_SCHEMA')
})

test('topics with known names need no rule, a rule for their format, or one for their message', () => {
  const header = { Slot: 7, Hash: bytesOf(1, 32) }
  const transactions = [{ Signature: bytesOf(2, 64), Transfers: [{ Amount: 1 }] }]
  const name = 'solana_messages.TokenBlockMessage'
  const bytes = encodeMessage(name, { Header: header, Transactions: transactions })
  for (const [topic, ...topics] of [
    ['solana.tokens.proto'],
    ['solana.tokens.proto', { pattern: '*.proto', format: 'protobuf' }],
    ['copy', { pattern: 'copy', format: 'protobuf', message: name }],
    ['copy', { pattern: 'copy', format: 'protobuf', message: name, events: 'solana.tokens' }],
  ] as const) {
    assert.equal(messageOf(decoderOf(undefined, topics), topic, bytes).events.length, 1)
  }
  const quiet = [{ pattern: '*', format: 'protobuf', message: name, events: 'none' }]
  assert.deepEqual(messageOf(decoderOf(undefined, quiet), 'copy', bytes).events, [])
})

test('a schema that contradicts the fields of the events is refused; one that lacks them is not', (t) => {
  const schema = (amount: string) =>
    `syntax = "proto3"; package solana_messages;
     message Transfer { uint32 InstructionIndex = 1; ${amount} }
     message Transaction { bytes Signature = 2; repeated Transfer Transfers = 5; }
     message TokenBlockMessage { bytes unknown = 99; repeated Transaction Transactions = 2; }`
  const problem = (amount: string) =>
    decoderOf(folderOf(t, { 'a.proto': schema(amount) })).problemOf('solana.tokens.proto')?.message
  assert.equal(problem(''), undefined)
  assert.equal(problem('uint64 Amount = 2;'), undefined)
  for (const wrong of ['uint64 Amount = 3;', 'string Amount = 2;', 'repeated uint64 Amount = 2;']) {
    assert.match(String(problem(wrong)), /Transfer\.Amount is number .* need number 2, uint64/)
  }
})
