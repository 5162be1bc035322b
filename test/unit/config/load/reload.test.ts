import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { createReload } from '../../../../src/config/load/reload.ts'
import { fields } from '../../../../src/config/schema/catalog.ts'
import type { Config } from '../../../../src/config/types.ts'
import { createCapturedLog } from '../../../support/captured-log.ts'
import { configOf, folder, loadEnv, MIN } from '../support.ts'

/** A running service whose file can be written; `fail` is the error of `prepare`. */
function running(t: TestContext, yaml: string, env: Readonly<Record<string, string>> = MIN) {
  const file = join(folder(t, { 'config.yaml': yaml }), 'config.yaml')
  const load = () => loadEnv(env, { file })
  const started = load()
  const applied: Config[] = []
  const log = createCapturedLog()
  const state: { fail: Error | null } = { fail: null }
  const live = createReload({
    started: configOf(started),
    warnings: started.warnings,
    load,
    log,
    async prepare(config) {
      if (state.fail !== null) throw state.fail
      return () => applied.push(config)
    },
  })
  return {
    file,
    applied,
    state,
    status: live.status,
    /** The keys that the log calls applied. */
    appliedKeys: () =>
      log.lines.find(({ fields: { event } }) => event === 'config.changed')?.fields['applied'],
    /** Of this change. */
    async write(content: string) {
      log.lines.length = 0
      writeFileSync(file, content)
      await live.reload()
      return log.lines.map(({ level, text }) => `${level}: ${text}`)
    },
    reload: live.reload,
  }
}

test('live keys are applied, and the line names them', async (t) => {
  const { applied, write, status } = running(t, 'log: {level: info}')
  const lines = await write(
    'log: {level: debug}\nprocessing: {concurrency: 7}\nretry: {attempts: 2}\nfilter: {minAmount: 5}',
  )
  assert.deepEqual(lines, [
    'info: The configuration has changed. Applied: filter.minAmount, processing.concurrency, retry.attempts, log.level.',
  ])
  const config = applied[0] ?? assert.fail('nothing applied')
  assert.deepEqual(
    [config.log.level, config.processing.concurrency, config.retry.attempts],
    ['debug', 7, 2],
  )
  assert.equal(config.filter.minAmount, '5')
  assert.deepEqual(status(), { valid: true, pendingRestart: [] })
})

test('a change back to the default takes effect, too, and an unchanged file logs nothing', async (t) => {
  const { applied, appliedKeys, write } = running(
    t,
    'processing: {concurrency: 7, maxRecordsPerSecond: 50}',
  )
  assert.deepEqual(await write('processing: {concurrency: 7, maxRecordsPerSecond: 50}\n# new'), [])
  await write('processing: {concurrency: 7}')
  assert.deepEqual(appliedKeys(), ['processing.maxRecordsPerSecond'])
  assert.equal(applied.length, 1)
  assert.equal(applied[0]?.processing.maxRecordsPerSecond, 0)
})

test('keys that need a restart are logged and not applied; live keys are applied', async (t) => {
  const { applied, write, status } = running(t, 'commit: {interval: 1s}')
  const lines = await write('commit: {interval: 2s}\nkafka: {consumers: 3}\nlog: {level: warn}')
  assert.deepEqual(lines, [
    'warn: The configuration has changed. Applied: log.level. These wait for a restart: kafka.consumers, commit.interval.',
  ])
  assert.deepEqual(status(), {
    valid: true,
    pendingRestart: ['kafka.consumers', 'commit.interval'],
  })
  const config = applied[0] ?? assert.fail('nothing applied')
  assert.deepEqual([config.commit.interval, config.kafka.consumers], [1000, 1])
  assert.deepEqual(await write('commit: {interval: 1s}\nlog: {level: warn}'), [
    'info: The configuration has changed. Nothing to apply.',
  ])
  assert.deepEqual(status().pendingRestart, [])
})

test('an invalid file changes nothing and is explained, and a valid one after it is applied', async (t) => {
  const { applied, write, status } = running(t, '')
  for (const wrong of [
    'log: {level: debug}\nprocessing: {concurrency: none}',
    'log: {level: debug}\nprocesing: {concurrency: 7}',
    'log: {level: debug',
    'log: {level: debug}\nretry: {backoff: 10s, maxBackoff: 1s}',
  ]) {
    const [line = '', ...more] = await write(wrong)
    assert.deepEqual(more, [])
    assert.match(
      line,
      /^error: The configuration has changed and is not valid: none of it is applied/,
    )
    assert.match(line, /Remedy: /)
    assert.equal(status().valid, false)
  }
  assert.deepEqual(applied, [])
  await write('')
  assert.deepEqual(status(), { valid: true, pendingRestart: [] })
})

test('a missing file changes nothing', async (t) => {
  const { applied, file, reload, status } = running(t, 'log: {level: debug}')
  rmSync(file)
  await reload()
  assert.deepEqual([status().valid, applied], [false, []])
})

test('a change that cannot be prepared is invalid, is logged once, and can be tried again', async (t) => {
  const { applied, appliedKeys, reload, state, write, status } = running(t, '')
  state.fail = new Error('no such list')
  const [line = ''] = await write('processing: {concurrency: 7}')
  assert.match(line, /no such list/)
  assert.deepEqual([status().valid, applied], [false, []])
  assert.deepEqual(await write('processing: {concurrency: 7}'), [])
  state.fail = null
  assert.equal(await reload(), true)
  assert.deepEqual(appliedKeys(), ['processing.concurrency'])
  assert.equal(applied.length, 1)
  assert.equal(status().valid, true)
})

test('values of the environment stay unchanged', async (t) => {
  const env = { ...MIN, OCC_LOG_LEVEL: 'error' }
  const { applied, write } = running(t, '', env)
  assert.deepEqual(await write('log: {level: debug}'), [])
  assert.deepEqual(applied, [])
})

test('the filters of handlers are live, everything else is named', async (t) => {
  const handlers = (filter: string, timeout = '30s') =>
    `handlers: [{path: /a.ts, filter: {minAmount: '1'}}, {path: /b.ts, timeout: ${timeout}${filter}}]`
  const { applied, appliedKeys, write, status } = running(t, handlers(''))
  await write(handlers(', filter: {assets: [USDC]}'))
  assert.deepEqual(appliedKeys(), ['handlers[1].filter'])
  assert.deepEqual(applied[0]?.handlers[1]?.filter?.assets, ['USDC'])
  await write(handlers('', '5s'))
  assert.equal(applied.length, 1, 'the filter waits with the rest')
  assert.deepEqual(status().pendingRestart, ['handlers[1].timeout', 'handlers[1].filter'])
  await write('handlers: [{path: /a.ts}]')
  assert.deepEqual(status().pendingRestart, ['handlers'])
  await write(handlers(''))
  assert.deepEqual(appliedKeys(), ['handlers[1].filter'])
  assert.deepEqual(status().pendingRestart, [])
})

test('the rules of decoding are live', async (t) => {
  const { applied, appliedKeys, write } = running(t, '')
  await write('decode: {topics: [{pattern: "*", format: text}]}')
  assert.deepEqual(appliedKeys(), ['decode.topics'])
  assert.equal(applied[0]?.decode.topics[0]?.format, 'text')
})

test('a new warning is logged once', async (t) => {
  const { write } = running(t, '')
  const lines = await write('commit: {mode: record}')
  assert.equal(lines.filter((line) => line.includes('commit.mode = "record" commits')).length, 1)
  assert.ok(
    !(await write('commit: {mode: record}\n')).some((line) => line.includes('commits after')),
  )
})

test('these keys are live', () => {
  const live = fields.filter((field) => field.live).map(({ key }) => key)
  assert.deepEqual(
    live.filter((key) => !key.startsWith('filter.')),
    [
      'decode.maxMessageBytes',
      'decode.topics',
      'processing.concurrency',
      'processing.maxRecordsPerSecond',
      'retry.attempts',
      'retry.backoff',
      'retry.maxBackoff',
      'retry.maxAfter',
      'log.level',
    ],
  )
  const filters = fields.filter(({ key }) => key.startsWith('filter.'))
  assert.ok(filters.length > 5 && filters.every((field) => field.live))
})
