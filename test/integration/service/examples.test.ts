import assert from 'node:assert/strict'
import { readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createSynthesizer } from '../../../dev/synthetic/synthesizer.ts'
import type { ChainEvent } from '../../../src/decode/types.ts'
import { parseUnits } from '../../../src/kernel/amounts.ts'
import { sendSynthetic } from '../../support/records/synthetic-stream.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until, useKafka } from '../harness.ts'
import { plainEnvironment, ROOT, startService } from './process.ts'

const TOPIC = 'solana.transfers'
const MESSAGES = 400

/** Distinct events of the stream that the demo shows, in what order they may come. */
let events: ReadonlyMap<string, ChainEvent>

const embedded = useKafka(async (kafka) => {
  await kafka.createTopic(TOPIC)
  events = await sendSynthetic(kafka, TOPIC, MESSAGES, {
    seed: 1,
    stream: 'solana',
    lz4Share: 0.5,
    duplicateShare: 0.1,
  })
})

/** Runs the example as it is until it has handled the whole stream; what it emitted, by id. */
async function run(t: TestContext, name: string) {
  const env = { ...plainEnvironment(t, embedded.kafka, TOPIC, name), OCC_SINK_LOG_MODE: 'off' }
  // What it writes, it writes below the working directory.
  const folder = temporaryFolder(t)
  await symlink(join(ROOT, 'examples'), join(folder, 'examples'))
  const service = startService(t, env, ['--config', `examples/${name}/config.yaml`], folder)
  await until(
    async () => (await embedded.committed(name, TOPIC))[0] === MESSAGES,
    `${name} to be done`,
  )
  const { code, lines } = await service.end()
  assert.equal(code, 0)
  return { folder, lines, emitted: lines.filter(({ event }) => event === 'value.emitted') }
}

test('the whale alert reports each large transfer once', async (t) => {
  const limits: Record<string, string> = {
    EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v: '5000000',
    Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB: '5000000',
    SOL: '10000',
  }
  const whales = [...events.values()].filter(({ asset, amount, success }) => {
    const limit = limits[asset?.address || asset?.symbol || '']
    const least = limit === undefined ? undefined : parseUnits(limit, asset?.decimals ?? 0)
    return success && amount !== null && least !== undefined && amount >= least
  })
  assert.ok(whales.length > 10)
  const { emitted } = await run(t, 'whale-alert')
  assert.deepEqual(
    emitted.map(({ id }) => id),
    whales.map(({ id }) => id),
  )
})

test('the deposit monitor reports what arrives at the wallets of its list, with their names', async (t) => {
  const list = await readFile(join(ROOT, 'examples/exchange-deposits/wallets.csv'), 'utf8')
  const lines = list.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const names = new Map(lines.map((line) => line.split(',') as [string, string]))
  // `npm run produce` makes other messages in each run, between the same wallets.
  const other = createSynthesizer({ seed: 12_345, stream: 'solana' })
  const texts = Array.from({ length: 400 }, () => other.next().value.toString())
  assert.ok(texts.some((text) => [...names.keys()].some((wallet) => text.includes(wallet))))
  const expected = [...events.values()].flatMap(({ id, to, success }) =>
    success && to !== null && names.has(to) ? [[id, to, names.get(to)]] : [],
  )
  assert.ok(expected.length > 5)
  const { emitted, lines: log } = await run(t, 'exchange-deposits')
  const watching = log.find(({ event }) => event === 'deposits.watching')
  assert.equal(watching?.msg, `Watching ${lines.length} wallets`)
  const shown = emitted.map(({ id, key, value }) => [id, key, Reflect.get(Object(value), 'name')])
  assert.deepEqual(shown, expected)
})

test('the indexer writes a row for each transfer, once', async (t) => {
  const { folder } = await run(t, 'indexer')
  const text = await readFile(join(folder, '.cache/indexer/transfers.ndjson'), 'utf8')
  const rows = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    rows.map(({ id, value }) => [id, value.amount]),
    [...events.values()].map(({ id, amount }) => [id, amount === null ? null : String(amount)]),
  )
})
