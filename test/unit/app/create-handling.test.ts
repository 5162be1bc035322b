import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { schemasFolder } from '../../../dev/synthetic/protobuf.ts'
import { createSynthesizer } from '../../../dev/synthetic/synthesizer.ts'
import { createHandling } from '../../../src/app/create-handling.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { systemClock } from '../../../src/kernel/time/clock.ts'
import { createMeters } from '../../../src/observe/meters/meters.ts'
import { createCapturedLog } from '../../support/captured-log.ts'
import { block } from '../../support/records/evm-block.ts'
import { configOf, folder, loadYaml } from '../config/support.ts'

const TOPIC = 'solana.transfers'
const HANDLER = `export default { name: 'seen', handle() {} }`

/** One partition that continues under one assignment while the configuration changes. */
async function consuming(t: TestContext, yaml: (handler: string) => string) {
  const handler = join(folder(t, { 'seen.mjs': HANDLER }), 'seen.mjs')
  const config = (text: string) =>
    configOf(loadYaml(t, `sink: {log: {mode: 'off'}}\ndeduplication: {window: 0}\n${text}`))
  const meters = createMeters()
  const handling = createHandling(config(yaml(handler)), {
    meters,
    clock: systemClock,
    log: silentLog,
  })
  t.after(() => handling.close())
  await handling.start()
  const processor = handling.openProcessor({ topic: TOPIC, partition: 0 })
  const { value } = createSynthesizer({ seed: 1, stream: 'solana', partitions: 1 }).next()
  const { signal } = new AbortController()
  let offset = 0
  return {
    handler,
    handling,
    processor,
    async outcome(changed = value) {
      const where = { topic: TOPIC, partition: 0, offset: offset++, timestamp: 0 }
      const record = { ...where, key: null, value: changed, headers: undefined }
      const outcome = await processor.process(record, signal)
      return outcome.kind === 'skip' ? outcome.reason : outcome.kind
    },
    async change(text: string) {
      const apply = await handling.prepare(config(text))
      apply()
    },
  }
}

test("a handler's filter changes for partitions that are assigned already", async (t) => {
  const handlers = (path: string, filter: string) => `handlers: [{path: ${path}${filter}}]`
  const { handler, outcome, change, handling } = await consuming(t, (path) => handlers(path, ''))
  assert.deepEqual(handling.names(), ['seen'])
  assert.equal(await outcome(), 'ok')
  await change(handlers(handler, ', filter: {chains: [tron]}'))
  assert.equal(await outcome(), 'filtered')
  await change(handlers(handler, ', filter: {chains: [solana]}'))
  assert.equal(await outcome(), 'ok')
})

test('the filter of the whole service comes and goes, with handlers and without', async (t) => {
  for (const list of [(path: string) => `handlers: [{path: ${path}}]\n`, () => '']) {
    const { handler, outcome, change } = await consuming(t, list)
    assert.equal(await outcome(), 'ok')
    await change(`${list(handler)}filter: {chains: [tron]}`)
    assert.equal(await outcome(), 'filtered')
    await change(list(handler))
    assert.equal(await outcome(), 'ok')
  }
})

test('a list of addresses that is not there leaves every filter as it was', async (t) => {
  const { outcome, change } = await consuming(t, () => '')
  const missing = join(folder(t), 'none.txt')
  const changed = `filter: {addressesFile: ${missing}}`
  await assert.rejects(change(changed), { code: 'OCC_ADDRESS_LIST' })
  assert.equal(await outcome(), 'ok')
  writeFileSync(missing, '5Q544fKrFoe6tsEbD7S8EmxGTJYAKtTVhAW5Q5pge4j1\n')
  await change(changed)
  assert.equal(await outcome(), 'filtered')
})

test('the format of a topic changes for partitions that are assigned already', async (t) => {
  const { outcome, change, processor } = await consuming(t, () => '')
  const line = Buffer.from('plain text')
  assert.deepEqual([await outcome(line), processor.format], ['retry', 'JSON'])
  await change('decode: {topics: [{pattern: "*", format: text}]}')
  assert.deepEqual([await outcome(line), processor.format], ['ok', 'UTF-8 text'])
  await change('')
  assert.deepEqual([await outcome(line), processor.format], ['retry', 'JSON'])
})

test('where superseded blocks are looked for, a broadcasted event is still a repeat, whatever its block', async (t) => {
  const handler = join(folder(t, { 'seen.mjs': HANDLER }), 'seen.mjs')
  const yaml = `decode: {protobuf: {schemas: ${schemasFolder}, reorgs: true}}\nhandlers: [{path: ${handler}}]`
  const parts = { meters: createMeters(), clock: systemClock, log: silentLog }
  const handling = createHandling(configOf(loadYaml(t, yaml)), parts)
  t.after(() => handling.close())
  await handling.start()
  const outcomes = async (topic: string) => {
    const processor = handling.openProcessor({ topic, partition: 0 })
    const kinds = []
    for (const [offset, value] of [block(1, 0), block(2, 0, 0, 101)].entries()) {
      const record = { topic, partition: 0, offset, timestamp: 0, key: null, headers: undefined }
      const { kind } = await processor.process({ ...record, value }, new AbortController().signal)
      kinds.push(kind)
    }
    return kinds
  }
  assert.deepEqual(await outcomes('eth.tokens.proto'), ['ok', 'ok'])
  assert.deepEqual(await outcomes('eth.broadcasted.tokens.proto'), ['ok', 'skip'])
})

test('records are logged only if the configuration asks for it', async (t) => {
  for (const [yaml, logged] of [
    ['{}', 0],
    ['sink: {log: {every: 1}}', 1000],
    ['sink: {log: {mode: every}}', 1],
    ['sink: {log: {mode: every, every: 3}}', 333],
    ["sink: {log: {mode: 'off', every: 1}}", 0],
  ] as const) {
    const log = createCapturedLog()
    const parts = { meters: createMeters(), clock: systemClock, log }
    const handling = createHandling(configOf(loadYaml(t, yaml)), parts)
    t.after(() => handling.close())
    await handling.start()
    const processor = handling.openProcessor({ topic: TOPIC, partition: 0 })
    for (let offset = 0; offset < 1_000; offset++) {
      const record = { topic: TOPIC, partition: 0, offset, timestamp: 0, key: null }
      const full = { ...record, value: Buffer.from('{}'), headers: undefined }
      await processor.process(full, new AbortController().signal)
    }
    const lines = log.lines.filter(({ fields }) => fields.event === 'record.logged')
    assert.equal(lines.length, logged, yaml)
  }
})

test('what was handled in a partition counts no more once its store of offsets was set back', async (t) => {
  const handler = join(folder(t, { 'seen.mjs': HANDLER }), 'seen.mjs')
  const config = configOf(loadYaml(t, `sink: {log: {mode: 'off'}}\nhandlers: [{path: ${handler}}]`))
  const parts = { meters: createMeters(), clock: systemClock, log: silentLog }
  const handling = createHandling(config, parts)
  t.after(() => handling.close())
  await handling.start()
  const { value } = createSynthesizer({ seed: 1, stream: 'solana', partitions: 1 }).next()
  const record = {
    ...{ topic: TOPIC, partition: 0, offset: 0, timestamp: 0 },
    ...{ key: null, value, headers: undefined },
  }
  const kindIn = async (isBack: boolean) => {
    const processor = handling.openProcessor({ topic: TOPIC, partition: 0, isBack })
    return (await processor.process(record, new AbortController().signal)).kind
  }
  assert.deepEqual(
    [await kindIn(false), await kindIn(false), await kindIn(true)],
    ['ok', 'skip', 'ok'],
  )
})
