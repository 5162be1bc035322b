import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { schemasFolder } from '../../../../dev/synthetic/protobuf.ts'
import { createHandling } from '../../../../src/app/create-handling.ts'
import { configOrThrow } from '../../../../src/config/load/load.ts'
import { hashText } from '../../../../src/decode/addresses/text.ts'
import { systemClock } from '../../../../src/kernel/clock.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
import { createMeters } from '../../../../src/observe/meters/meters.ts'
import { encoded, knownMessages } from './messages.ts'
import { bytesOf, folderOf, recordOf } from './support.ts'

const page = readFileSync(join(import.meta.dirname, '../../../../docs/formats.md'), 'utf8')

/** What the handler of docs/formats.md emits for the message of a topic, given twice. */
async function emitted(t: TestContext, name: string, topic: string, files: Record<string, string>) {
  const [, yaml = '', code = ''] =
    new RegExp(
      `\`\`\`yaml\\n((?:(?!\`\`\`)[^])*)\`\`\`\\n\\n\`${name}\`:\\n\\n\`\`\`ts\\n([^]*?)\`\`\``,
    ).exec(page) ?? []
  const folder = folderOf(t, { ...files, [name]: code })
  const path = join(folder, 'config.yaml')
  writeFileSync(path, yaml.replace('/etc/onchain-consumer/schemas', schemasFolder))
  const found: unknown[] = []
  const handling = createHandling(configOrThrow({ file: path, env: {}, cwd: folder }), {
    emit: async (_handler, ...rest) => void found.push(rest),
    meters: createMeters(),
    clock: systemClock,
    log: silentLog,
  })
  await handling.start()
  const processor = handling.openProcessor({ topic, partition: 0 })
  const known = knownMessages.find((one) => one.topic === topic)
  assert.ok(known !== undefined)
  for (const offset of [5, 6]) {
    const record = { ...recordOf(topic, encoded(known)), offset }
    const { kind } = await processor.process(record, new AbortController().signal)
    assert.notEqual(kind, 'retry')
  }
  await handling.close()
  return JSON.stringify(found, (_, value) => (typeof value === 'bigint' ? String(value) : value))
}

test('the watcher of new pools reports each once', async (t) => {
  const found = await emitted(t, 'new-pools.ts', 'solana.dextrades.proto', {})
  assert.equal(found.split('pump_amm').length - 1, 1, found)
  assert.match(found, /"slot":"300000001"/)
})

test('the monitor of deposits finds a wallet among 10,000, written in upper case', async (t) => {
  const others = Array.from(
    { length: 10_000 },
    (_, index) => `0x${String(index).padStart(40, '0')}`,
  )
  const wallet = `0x${hashText(bytesOf(21, 20)).toUpperCase()}`
  const wallets = [...others, wallet].join('\n')
  const found = await emitted(t, 'deposits.ts', 'eth.tokens.proto', { 'wallets.txt': wallets })
  assert.equal(found.split(`"to":"${wallet.toLowerCase()}"`).length - 1, 1, found)
})
