import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { loadConfig } from '../../../src/config/load/load.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const ROOT = join(import.meta.dirname, '../../..')

test('each configuration on the pages about alerts and webhooks is valid', (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'config.yaml')
  const named = ['slack-url', 'discord-url', 'bot-token', 'integration-key', 'wallets.txt']
  for (const name of [...named, 'exchange-wallets.txt']) writeFileSync(join(folder, name), 'x')
  const env = { KAFKA_BROKERS: 'b:9092', KAFKA_TOPICS: 'solana.transfers', KAFKA_GROUP_ID: 'g' }
  const blocks = ['alerts', 'webhooks'].flatMap((page) =>
    Array.from(
      readFileSync(join(ROOT, `docs/${page}.md`), 'utf8').matchAll(/```yaml\n(sinks:[\s\S]*?)```/g),
      ([, text = '']) =>
        text.replaceAll(/\/etc\/onchain-consumer\/\S*?(?=[,\s}])/g, './wallets.txt'),
    ),
  )
  assert.equal(blocks.length, 6)
  for (const block of blocks) {
    writeFileSync(file, block)
    const loaded = loadConfig({ file, env })
    assert.deepEqual(loaded.ok ? [] : loaded.problems, [], block)
  }
})
