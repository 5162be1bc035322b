import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import test from 'node:test'
import { plainProducer } from '../../../dev/produce/plain.ts'
import { createGroupLooks } from '../../../src/broker/group-state/group-looks.ts'
import { createProgress, readProgress } from '../../../src/cli/replay/progress-file.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { MAIN } from '../../support/service-main.ts'
import { until } from '../../support/waiting.ts'
import { printFigures } from '../support/accounting.ts'
import { brokerOptions, createScene } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'

const RECORDS = sizeOf('RECORDS', 6_000)
const KILLS = sizeOf('KILLS', 3)
/** Records a second of a replay: so slow that the kills come in its middle. */
const RATE = RECORDS / 12
const BATCH = 500

test('replay over kill -9: each record of the range at least once, none outside of it', async (t) => {
  const scene = await createScene(t, { topicConfig: { 'retention.ms': '-1' } })
  const { topic, folder, groupId, partitions } = scene
  const start = Date.now() - 10 * RECORDS
  const producer = await plainProducer(scene.brokers.split(','), 'integrity')
  const inRange = new Set<string>()
  const [from, to] = [start + RECORDS / 4, start + (3 * RECORDS) / 4]
  for (let sent = 0; sent < RECORDS; sent += BATCH) {
    const indices = Array.from({ length: Math.min(BATCH, RECORDS - sent) }, (_, i) => sent + i)
    await producer.send(
      topic,
      indices.map((index) => {
        const [partition, offset] = [index % partitions, Math.floor(index / partitions)]
        const timestamp = start + index
        if (timestamp >= from && timestamp < to) inRange.add(`${partition}@${offset}`)
        const value = Buffer.from(JSON.stringify({ index }))
        return { key: null, value, headers: { 'task-id': String(index) }, partition, timestamp }
      }),
    )
  }
  await producer.close()

  const attempts = join(folder, 'attempts.csv')
  writeFileSync(attempts, '')
  const config = join(folder, 'config.json')
  const handler = join(import.meta.dirname, '../handlers/noting.ts')
  writeFileSync(
    config,
    JSON.stringify({
      kafka: { brokers: scene.brokers.split(','), topics: [topic], groupId },
      handlers: [{ path: handler }],
      processing: { order: 'none', maxRecordsPerSecond: RATE },
      deadLetters: { file: { folder: join(folder, 'dead-letters') } },
    }),
  )
  const progress = join(folder, 'progress.json')
  const range = ['--from', new Date(from).toISOString(), '--to', new Date(to).toISOString()]
  const args = ['replay', ...range, '--config', config, '--progress', progress]

  /** Handled so far: `partition@offset`, as often as it was. */
  function handled(): string[] {
    const lines = readFileSync(attempts, 'utf8').split('\n').slice(0, -1)
    return lines.map((line) => line.split(',')).map(([, , p, offset]) => `${p}@${offset}`)
  }

  function startReplay() {
    const env = { PATH: process.env['PATH'], ATTEMPTS_FILE: attempts }
    const child = spawn(process.execPath, [MAIN, ...args], { env })
    t.after(() => child.kill('SIGKILL'))
    return { child, output: Promise.all([text(child.stdout), text(child.stderr)]) }
  }

  for (let kill = 1; kill <= KILLS; kill++) {
    const { child } = startReplay()
    const exit = once(child, 'exit')
    // Far from the end, however late this process gets its turn.
    const enough = (kill / (KILLS + 2)) * inRange.size
    await until(() => new Set(handled()).size >= enough, `${enough} records to be handled`)
    child.kill('SIGKILL')
    await exit
  }
  assert.ok(new Set(handled()).size < inRange.size, 'a kill came too late')
  const flags = { from: range[1] ?? '', to: range[3] ?? '', topic: null, handler: null }
  const found = await readProgress(progress, flags, { [groupId]: [topic] })
  const kept = createProgress(null, flags, found ?? {})
  assert.ok(kept.done() > 0, 'nothing was kept')
  const { child, output } = startReplay()
  const [code] = await once(child, 'close')
  const [stdout, stderr] = await output
  assert.equal(code, 0, stderr)
  assert.match(stdout, /continued, all handlers/)

  const all = handled()
  const seen = new Set(all)
  const lost = [...inRange].filter((place) => !seen.has(place))
  const outside = [...seen].filter((place) => !inRange.has(place))
  printFigures('replay', {
    kills: KILLS,
    'records in': inRange.size,
    'records out': seen.size,
    lost: lost.length,
    duplicated: all.length - seen.size,
    'outside of the range': outside.length,
  })
  assert.deepEqual([lost, outside], [[], []])
  const looks = createGroupLooks(brokerOptions(scene.brokers), silentLog)
  t.after(() => looks.close())
  assert.deepEqual(await looks.ids(), [])
})
