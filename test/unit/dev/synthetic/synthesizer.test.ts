import assert from 'node:assert/strict'
import test from 'node:test'
import { chainTopics } from '../../../../dev/synthetic/chain-messages.ts'
import { createSynthesizer } from '../../../../dev/synthetic/synthesizer.ts'
import type { Stream, SynthesizerOptions } from '../../../../dev/synthetic/types.ts'
import { make, textOf } from './helpers.ts'

const streams: readonly Stream[] = ['solana', 'tron', ...chainTopics]
const everything: SynthesizerOptions = {
  seed: 42,
  stream: 'solana',
  keyScheme: 'account',
  duplicateShare: 0.2,
  poisonShare: 0.1,
  partitions: 4,
}

for (const stream of streams) {
  test(`${stream}: the same seed gives the same messages, another seed others`, () => {
    const first = make({ ...everything, stream }, 300)
    assert.deepEqual(make({ ...everything, stream }, 300), first)
    const other = make({ ...everything, stream, seed: 43 }, 300)
    const values = new Set(first.map(({ value }) => value.toString('latin1')))
    const shared = other.filter(
      ({ kind, value }) => kind !== 'lz4-bomb' && values.has(value.toString('latin1')),
    )
    assert.deepEqual(shared, [])
  })

  test(`${stream}: any message can be made again without those before it`, () => {
    const messages = make({ ...everything, stream }, 300)
    const synthesizer = createSynthesizer({ ...everything, stream })
    for (const index of [299, 7, 150, 0]) {
      assert.deepEqual(synthesizer.at(index), messages[index])
    }
    assert.equal(synthesizer.expected.messages, 0)
  })
}

test('ids are unique and in a header, including duplicates and poison', () => {
  const messages = make(everything, 2000)
  assert.equal(new Set(messages.map(({ id }) => id)).size, 2000)
  for (const message of messages) {
    assert.equal(message.id, `42-${message.index}`)
    assert.equal(message.headers['synthetic-id'], message.id)
    assert.equal(message.headers['synthetic-kind'], message.kind)
  }
})

test('a duplicate repeats an earlier good message byte for byte and names it', () => {
  const messages = make(everything, 2000)
  const duplicates = messages.filter(({ kind }) => kind === 'duplicate')
  assert.ok(duplicates.length > 0)
  for (const duplicate of duplicates) {
    const original = messages[duplicate.duplicateOf ?? -1]
    assert.ok(original !== undefined && original.index < duplicate.index)
    assert.equal(original.kind, 'good')
    assert.deepEqual(duplicate.value, original.value)
    assert.deepEqual(duplicate.key, original.key)
    assert.equal(duplicate.headers['synthetic-duplicate-of'], original.id)
  }
})

test('most duplicates come soon after their original, some much later', () => {
  const distances = make({ ...everything, poisonShare: 0 }, 8000)
    .filter(({ kind }) => kind === 'duplicate')
    .map(({ index, duplicateOf = 0 }) => index - duplicateOf)
  const soon = distances.filter((distance) => distance < 100).length / distances.length
  assert.ok(soon > 0.7 && soon < 0.9, `${soon}`)
  assert.ok(Math.max(...distances) > 2000)
})

test('duplicates mostly share the partition of their original, but not always', () => {
  for (const keyScheme of ['none', 'account'] as const) {
    const messages = make({ ...everything, keyScheme }, 4000)
    const duplicates = messages.filter(({ kind }) => kind === 'duplicate')
    const together = duplicates.filter(
      ({ partition, duplicateOf }) => partition === messages[duplicateOf ?? -1]?.partition,
    )
    const share = together.length / duplicates.length
    assert.ok(share > 0.85 && share < 0.95, `${keyScheme}: ${share}`)
  }
})

test('the shares of duplicates, poison and LZ4 frames are as requested', () => {
  const count = 5000
  const messages = make({ ...everything, lz4Share: 0.3 }, count)
  const near = (actual: number, wanted: number) =>
    assert.ok(Math.abs(actual - wanted) < 0.03, `${actual} is not near ${wanted}`)
  const good = messages.filter(({ kind }) => kind === 'good')
  near(messages.filter(({ kind }) => kind === 'duplicate').length / count, 0.2)
  near(good.length / count, 0.7)
  near(good.filter(({ lz4 }) => lz4).length / good.length, 0.3)
  for (const message of good) {
    assert.equal(message.value.readUInt32LE(0) === 0x184d2204, message.lz4)
  }
})

test('expected counts the created messages', () => {
  const synthesizer = createSynthesizer(everything)
  const messages = Array.from({ length: 1000 }, () => synthesizer.next())
  const of = (kind: string) => messages.filter((message) => message.kind === kind)
  const events = (kind: string) => of(kind).reduce((sum, message) => sum + message.events, 0)
  const { expected } = synthesizer
  assert.equal(expected.messages, 1000)
  assert.equal(expected.good, of('good').length)
  assert.equal(expected.duplicates, of('duplicate').length)
  assert.equal(expected.poison, 1000 - expected.good - expected.duplicates)
  assert.equal(expected.poisonByKind['bit-flip'], of('bit-flip').length)
  assert.equal(expected.events, events('good'))
  assert.equal(expected.duplicateEvents, events('duplicate'))
  assert.equal(
    expected.bytes,
    messages.reduce((sum, { value }) => sum + value.length, 0),
  )
})

test('every partition gets its part, and a key always goes to the same one', () => {
  for (const keyScheme of ['none', 'account', 'slot'] as const) {
    const messages = make({ ...everything, keyScheme, duplicateShare: 0, partitions: 8 }, 4000)
    const byKey = new Map<string, number>()
    const counts = new Map<number, number>()
    for (const { key, partition } of messages) {
      assert.ok(partition !== undefined && partition >= 0 && partition < 8)
      counts.set(partition, (counts.get(partition) ?? 0) + 1)
      if (key === null) continue
      assert.equal(byKey.get(key.toString()) ?? partition, partition)
      byKey.set(key.toString(), partition)
    }
    assert.equal(counts.size, 8, keyScheme)
    assert.ok(Math.min(...counts.values()) > 200, `${keyScheme}: ${[...counts.values()]}`)
  }
})

test('keys follow the scheme', () => {
  const options: SynthesizerOptions = { seed: 1, stream: 'solana' }
  const keys = (keyScheme: SynthesizerOptions['keyScheme'], stream: Stream = 'solana') =>
    make({ ...options, stream, keyScheme }, 96).map(({ key }) => key?.toString())
  assert.deepEqual(new Set(keys('none')), new Set([undefined]))
  assert.equal(new Set(keys('constant')).size, 4)
  assert.equal(new Set(keys('slot')).size, 3 * 4)
  assert.equal(new Set(keys('block-hash')).size, 3)
  const [message] = make({ ...options, keyScheme: 'account' }, 1)
  assert.ok(message !== undefined)
  const [first] = JSON.parse(textOf(message))
  assert.equal(message.key?.toString(), first.Transaction.Signer)
  assert.match(keys('account', 'tron')[0] ?? '', /^T/)
  assert.match(keys('block-hash', 'tron')[0] ?? '', /^[0-9a-f]{64}$/)
})

test('invalid options are refused with name, value and remedy', () => {
  const refused: ReadonlyArray<[Partial<SynthesizerOptions>, RegExp]> = [
    [{ seed: -1 }, /seed is -1; give an integer from 0/],
    [{ lz4Share: 1.5 }, /lz4Share is 1.5; give a share from 0 to 1/],
    [{ duplicateShare: 0.7, poisonShare: 0.6 }, /duplicateShare \+ poisonShare is 1.29/],
    [{ messageBytes: 2_000_000 }, /messageBytes is 2000000; give bytes from 1 to 1000000/],
    [{ partitions: 0 }, /partitions is 0/],
    [{ poisonKinds: [] }, /poisonKinds is \[\]; name at least one kind/],
  ]
  for (const [options, message] of refused) {
    assert.throws(() => createSynthesizer({ seed: 1, stream: 'solana', ...options }), {
      code: 'OCC_SYNTHETIC_OPTION',
      message,
    })
  }
})
