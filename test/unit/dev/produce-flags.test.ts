import assert from 'node:assert/strict'
import test from 'node:test'
import { parseProduceFlags } from '../../../dev/produce/flags.ts'

const parse = (...args: string[]) =>
  parseProduceFlags(['--brokers', 'localhost:9092', ...args], 1_700_000_000_000)

test('default: a hundred plain messages per second until Ctrl-C, with a seed of its own', () => {
  const settings = parse()
  assert.deepEqual(settings.brokers, ['localhost:9092'])
  assert.equal(settings.topic, 'solana.transfers')
  assert.equal(settings.rate, 100)
  assert.equal(settings.count, Number.POSITIVE_INFINITY)
  assert.equal(settings.partitions, undefined)
  assert.equal(settings.duplicateShare + settings.poisonShare, 0)
  assert.equal(settings.compression, 'none')
  assert.equal(settings.seed, 1_700_000_000_000)
  assert.equal(settings.startTime, 1_700_000_000_000)
})

test('a given seed ignores the clock, so that a second run creates the same bytes', () => {
  const settings = parse('--seed', '7')
  assert.equal(settings.seed, 7)
  assert.equal(settings.startTime, undefined)
})

test('reads values in their usual forms', () => {
  const settings = parse(
    ...['--stream', 'tron', '--topic=t', '--rate', '0', '--count', '1_000_000', '--create-topic'],
    ...['--key-scheme', 'account', '--lz4-share', '1', '--duplicate-share', '0.1'],
    ...['--poison-share', '0.05', '--poison-kinds', 'lz4-bomb, bit-flip', '--compression', 'zstd'],
  )
  assert.equal(settings.topic, 't')
  assert.equal(settings.rate, 0)
  assert.equal(settings.count, 1_000_000)
  assert.equal(settings.partitions, 4)
  assert.deepEqual(settings.poisonKinds, ['lz4-bomb', 'bit-flip'])
  assert.equal(settings.compression, 'zstd')
  assert.equal(parse('--stream', 'tron').topic, 'tron.broadcasted.transactions')
  assert.equal(parse('--format', 'protobuf').topic, 'solana.tokens.proto')
  assert.equal(parse('--message-bytes', '8kB').messageBytes, 8000)
  assert.equal(parse('--message-bytes', 'mixed').messageBytes, 'mixed')
  assert.deepEqual(parse('--message-bytes', '2kB-200kB').messageBytes, { min: 2000, max: 200_000 })
})

const refused: ReadonlyArray<readonly [readonly string[], string]> = [
  [['--rat', '5'], 'unknown flag --rat; did you mean --rate?'],
  [['--zzzzzz'], 'unknown flag --zzzzzz'],
  [['-r', '5'], 'unknown flag -r; did you mean --rate?'],
  [['--rate'], '--rate needs a value: --rate N'],
  [['--topic', '--rate', '5'], '--topic needs a value: --topic NAME'],
  [['--create-topic=yes'], '--create-topic takes no value; remove "yes"'],
  [['solana'], 'unexpected argument "solana"'],
  [['--rate', 'fast'], '--rate is fast; give a number from 0'],
  [['--rate', '-5'], '--rate is -5; give a number from 0'],
  [['--rate', ''], '--rate needs a value: --rate N'],
  [['--count', '1.5'], '--count is 1.5; give an integer from 1'],
  [['--partitions', '0'], '--partitions is 0; give an integer from 1 to 10000'],
  [['--lz4-share', '50'], '--lz4-share is 50; give a number from 0 to 1'],
  [['--stream', 'salana'], '--stream is salana; did you mean solana?'],
  [['--compression', 'br'], '--compression is br; give one of none, gzip, snappy, lz4, zstd'],
  [['--poison-kinds', 'bitflip,lz4'], '--poison-kinds is bitflip; did you mean bit-flip?'],
  [['--brokers', 'kafka'], '--brokers holds "kafka"; give host:port, such as localhost:9092'],
  [
    ['--poison-share', '0.6', '--duplicate-share', '0.6'],
    '--duplicate-share 0.6 and --poison-share 0.6 are more than 1 together; lower one',
  ],
  ...['2MB', '0', '9kB-8kB', '1-2-3', 'big'].map(
    (size) =>
      [
        ['--message-bytes', size],
        `--message-bytes is ${size}; give a size up to 1MB (3600, 8kB), a range (2kB-200kB) or mixed`,
      ] as const,
  ),
]

for (const [args, message] of refused) {
  test(`refuses ${args.join(' ')} in one line`, () => {
    assert.throws(() => parse(...args), { code: 'OCC_USAGE', message })
  })
}

test('requires brokers instead of guessing them', () => {
  assert.throws(() => parseProduceFlags([], 0), {
    code: 'OCC_USAGE',
    message: 'no brokers to send to; give --brokers HOST:PORT, or --config FILE',
  })
})
