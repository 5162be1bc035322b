import assert from 'node:assert/strict'
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import {
  type ChainTopic,
  createChainMessages,
  evmWallet,
} from '../../dev/synthetic/chain-messages.ts'
import { schemasFolder } from '../../dev/synthetic/protobuf.ts'
import { createHandling } from '../../src/app/create-handling.ts'
import { configOrThrow } from '../../src/config/load/load.ts'
import { createDecoder } from '../../src/decode/decoder.ts'
import type { ChainEvent } from '../../src/decode/types.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { systemClock } from '../../src/kernel/time/clock.ts'
import { createMeters } from '../../src/observe/meters/meters.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const examples = join(import.meta.dirname, '../../examples')
const MESSAGES = 200

interface Emitted {
  readonly value: Readonly<Record<string, unknown>>
  readonly id: unknown
}

/** What an example emits for the made-up stream of a topic, each message given twice, and its events. */
async function run(t: TestContext, name: string, topic: ChainTopic, wallets?: string) {
  const folder = temporaryFolder(t)
  cpSync(join(examples, name), folder, { recursive: true })
  if (wallets !== undefined) writeFileSync(join(folder, 'wallets.txt'), wallets)
  const env = { OCC_DECODE_PROTOBUF_SCHEMAS: schemasFolder }
  const config = configOrThrow({ file: join(folder, 'config.yaml'), env, cwd: folder })
  const emitted: Emitted[] = []
  const handling = createHandling(config, {
    emit: async ({ id }, _sink, value) => {
      emitted.push({ value: value as Emitted['value'], id })
    },
    meters: createMeters(),
    clock: systemClock,
    log: silentLog,
  })
  await handling.start()
  const processor = handling.openProcessor({ topic, partition: 0 })
  const messages = createChainMessages(topic, 3, 1_760_000_000_000)
  const { decode } = createDecoder(config.decode)
  const events: ChainEvent[] = []
  for (let offset = 0; offset < MESSAGES; offset++) {
    const place = { topic, partition: 0, timestamp: 0, headers: undefined, key: null }
    const record = { ...place, offset: 2 * offset, value: messages.at(offset).value }
    for (const one of [record, { ...record, offset: 2 * offset + 1 }]) {
      const { kind } = await processor.process(one, new AbortController().signal)
      assert.notEqual(kind, 'retry')
    }
    const result = decode(record)
    if (result.ok) events.push(...result.message.events)
  }
  await handling.close()
  return { emitted, events }
}

test('the watcher of new pools reports each pool that is traded once, when it is first traded', async (t) => {
  const { emitted, events } = await run(t, 'new-pools', 'solana.dextrades.proto')
  const traded = events.filter(({ success }) => success).map(({ trade }) => trade?.pool)
  const expected = [...new Set(traded)]
  assert.ok(expected.length > 50 && expected.length < traded.length)
  assert.deepEqual(
    emitted.map(({ id }) => id),
    expected,
  )
  assert.match(String(emitted[0]?.value['slot']), /^20000000$/)
})

test('the monitor of deposits reports each deposit to one of 10,000 wallets, in any case, once', async (t) => {
  // Every second wallet of the stream, and others.
  const wallets = Array.from({ length: 10_000 }, (_, line) => evmWallet(line * 2))
  const list = wallets.map((one, line) =>
    line % 2 === 0 ? one : `0x${one.slice(2).toUpperCase()}`,
  )
  const { emitted, events } = await run(t, 'evm-deposits', 'eth.tokens.proto', list.join('\n'))
  const watched = new Set(wallets)
  const expected = events.filter(({ to, success }) => success && watched.has(to ?? ''))
  assert.ok(expected.length > 100 && expected.length < events.length)
  assert.deepEqual(
    emitted.map(({ id, value }) => [id, value['to']]),
    expected.map(({ id, to }) => [id, to]),
  )
})
