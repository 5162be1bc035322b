import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { createSynthesizer } from '../../../../dev/synthetic/synthesizer.ts'
import type { OpenedStore } from '../../../../src/app/letters/open.ts'
import { openHandlers } from '../../../../src/cli/dlq/handlers.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
import type { StoredLetter } from '../../../../src/sink/dead-letters/types.ts'
import { recordAt } from '../../../support/letters.ts'
import { configOf, folder, loadYaml } from '../../config/support.ts'

const TOPIC = 'solana.transfers'
const ENV = { KAFKA_TOPICS: `${TOPIC},tron.transfers`, KAFKA_GROUP_ID: 'app' }
const { value } = createSynthesizer({ seed: 1, stream: 'solana', partitions: 1 }).next()

/** Says who was called, in a list that the test can see. */
const moduleOf = (name: string) => `
export default { name: '${name}', handle() { globalThis.calledHandlers.push('${name}') } }
`

/** The real handlers a, b and x, and letters of one record for them. */
async function handlersOf(t: TestContext, handlers: string) {
  const files = ['a', 'b', 'x'].map((name) => [`${name}.mjs`, moduleOf(name)] as const)
  const place = folder(t, Object.fromEntries(files))
  const yaml = handlers.replace(/path: (\w)/g, (_, name) => `path: ${join(place, `${name}.mjs`)}`)
  const config = configOf(loadYaml(t, `handlers: [${yaml}]\n`, ENV))
  const called: string[] = []
  Object.assign(globalThis, { calledHandlers: called })
  // The letters are given, so nothing reads a store.
  const destination = await openHandlers({ config, log: silentLog } as OpenedStore)
  t.after(() => destination.close())

  /** null: the letter is ended; otherwise why it stays. And who was called. */
  return async (group: string | null, handler: string | null) => {
    const record = recordAt(5, { topic: TOPIC, value })
    const letter = { id: 'id', record, handler, group, redrives: 0 } as StoredLetter
    called.length = 0
    const [reason] = await destination.deliver([letter])
    return [reason, ...called.toSorted()]
  }
}

const OWN = '{path: x, name: x, group: own}'

test('letters of one record for handlers of two groups are an attempt each', async (t) => {
  const deliver = await handlersOf(t, `{path: a}, ${OWN}`)
  assert.deepEqual(await deliver('app', 'a'), [null, 'a'])
  assert.deepEqual(await deliver('app.x', 'x'), [null, 'x'])
})

test('letters of one record for two handlers of a group are an attempt each', async (t) => {
  const deliver = await handlersOf(t, '{path: a}, {path: b}')
  assert.deepEqual(await deliver('app', 'a'), [null, 'a'])
  assert.deepEqual(await deliver('app', 'b'), [null, 'b'])
})

test('a letter for no handler in particular goes to those of its group only', async (t) => {
  const deliver = await handlersOf(t, `{path: a}, {path: b}, ${OWN}`)
  assert.deepEqual(await deliver('app', null), [null, 'a', 'b'])
  assert.deepEqual(await deliver('app.x', null), [null, 'x'])
  assert.deepEqual(await deliver(null, null), [null, 'a', 'b'])
  assert.deepEqual(await deliver('renamed', null), [null, 'a', 'b'])
})

test('a letter goes to its handler also after that got another group', async (t) => {
  const deliver = await handlersOf(t, `{path: a}, ${OWN}`)
  assert.deepEqual(await deliver('app', 'x'), [null, 'x'])
  assert.deepEqual(await deliver('app.a', 'a'), [null, 'a'])
})

test('a letter that no handler would get stays, and says why', async (t) => {
  const noHandler = /^OCC_REDRIVE_GROUP: the group app has no handler of solana.transfers;/
  for (const handlers of [
    '{path: x, name: x, group: own, topics: [solana.*]}',
    `{path: a, topics: [tron.*]}, ${OWN}`,
    '{path: a, topics: [tron.*]}',
  ]) {
    const deliver = await handlersOf(t, handlers)
    const [reason, ...called] = await deliver('app', null)
    assert.match(`${reason}`, noHandler)
    assert.deepEqual(called, [])
  }
})

test('a handler that ignores its signal has a limit: the letter stays, and those behind it are not begun', async (t) => {
  const place = folder(t, {
    'h.mjs': `export default { name: 'h', handle({ record }) {
      globalThis.calledHandlers.push(record.offset)
      return record.offset === 5 ? new Promise(() => {}) : undefined
    } }`,
  })
  const handlers = `[{path: ${join(place, 'h.mjs')}, timeout: 1ms}]`
  const config = configOf(loadYaml(t, `handlers: ${handlers}\n`, ENV))
  const called: number[] = []
  Object.assign(globalThis, { calledHandlers: called })
  const destination = await openHandlers({ config, log: silentLog } as OpenedStore)
  t.after(() => destination.close())
  const letterAt = (offset: number, partition: number) =>
    ({
      ...{ id: `${offset}`, handler: 'h', group: 'app', redrives: 0 },
      record: recordAt(offset, { topic: TOPIC, partition, value }),
    }) as StoredLetter
  const reasons = await destination.deliver([letterAt(5, 0), letterAt(6, 0), letterAt(7, 1)])
  assert.match(`${reasons[0]}`, /^OCC_HANDLER_TIMEOUT: The handler hangs with the record .*\/0\/5/)
  assert.match(`${reasons[1]}`, /^OCC_HANDLER_TIMEOUT: not begun, because a handler hangs/)
  assert.equal(reasons[2], null)
  assert.deepEqual(called, [5, 7])
})

test('the letter of an alert is said however old it is; one that counts others stays', async (t) => {
  const out = join(folder(t), 'out.ndjson')
  const rules = '{name: each, to: out}, {name: many, to: out, count: {atLeast: 2, within: 1m}}'
  const yaml = `sinks: {out: {type: file, path: ${out}}}\nalerts: [${rules}]\n`
  const config = configOf(loadYaml(t, yaml, ENV))
  const destination = await openHandlers({ config, log: silentLog } as OpenedStore)
  t.after(() => destination.close())
  const timestamp = Date.now() - 100 * 3_600_000
  const record = recordAt(5, { topic: TOPIC, value, timestamp })
  const letters = ['each', 'many'].map(
    (handler) => ({ id: handler, record, handler, group: 'app', redrives: 0 }) as StoredLetter,
  )
  const reasons = await destination.deliver(letters)
  assert.equal(reasons[0], null)
  assert.match(`${reasons[1]}`, /^OCC_REDRIVE_NO_HANDLERS: the rule many of alerts/)
  const said = readFileSync(out, 'utf8').trim().split('\n')
  assert.ok(said.length > 0 && said.every((line) => line.includes('"handler":"each"')))
})
