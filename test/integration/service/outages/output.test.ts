import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { freePorts } from '../../../../dev/kafka/nodes/ports.ts'
import { metric } from '../../../support/metric.ts'
import { MAIN } from '../../../support/service-main.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { numbered, until, useKafka } from '../../harness.ts'
import { plainEnvironment } from '../process.ts'

const embedded = useKafka()
const RECORDS = 2_000
/** Prints by itself, too. */
const CHATTY = `export default {
  name: 'chatty',
  async handle({ record }) {
    console.log(JSON.stringify({ event: 'printed', offset: record.offset }))
    console.error('a line of the handler')
  },
}`

/** A service that writes a line for each record, and that nobody need read to know what it does. */
async function start(t: TestContext, topic: string, output: 'pipe' | number) {
  await embedded.createTopic(topic)
  const [port] = await freePorts(1)
  const { PATH, HOME } = process.env
  const plain = plainEnvironment(t, embedded.kafka, topic)
  const folder = temporaryFolder(t)
  const path = join(folder, 'chatty.mjs')
  await writeFile(path, CHATTY)
  const config = join(folder, 'config.yaml')
  await writeFile(config, JSON.stringify({ handlers: [{ path }] }))
  const child = spawn(process.execPath, [MAIN, 'run', '--config', config], {
    stdio: ['ignore', output, output],
    env: { ...plain, PATH, HOME, HTTP_PORT: String(port), OCC_SINK_LOG_EVERY: '1' },
  })
  const exit = once(child, 'close')
  t.after(() => child.kill('SIGKILL'))
  const figureOf = async (name: string) => {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`)
    return metric(await response.text(), name)
  }
  const isReady = () =>
    fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ status }) => status === 200,
      () => false,
    )
  return {
    child,
    ready: () => until(isReady, 'it to be ready'),
    /** Sends records, and resolves when all of them are handled. */
    async handle() {
      const values = numbered(RECORDS).map((name) => JSON.stringify(name))
      await embedded.produce(topic, values)
      await until(
        async () => (await figureOf('onchain_consumer_handled_records_total')) >= RECORDS,
        'all records to be handled',
      )
    },
    dropped: () => figureOf('onchain_consumer_log_lines_dropped_total'),
    async end(signal: NodeJS.Signals) {
      child.kill(signal)
      const [code] = await exit
      assert.equal(code, 0)
      const group = plain['KAFKA_GROUP_ID'] ?? ''
      assert.deepEqual(await embedded.committed(group, topic), [RECORDS])
      const { groups } = await embedded.admin.describeGroups([group])
      assert.equal(groups[0]?.state, 'Empty', 'it has left the group')
    },
  }
}

test('its standard output is closed: it continues, drops its lines, and drains on SIGHUP', async (t) => {
  const service = await start(t, 'closed', 'pipe')
  await service.ready()
  service.child.stdout?.destroy()
  service.child.stderr?.destroy()
  await service.handle()
  assert.ok((await service.dropped()) >= 3 * RECORDS)
  await service.end('SIGHUP')
})

test('the disk of its standard output is full: the same', async (t) => {
  const full = openSync('/dev/full', 'w')
  const service = await start(t, 'full', full)
  closeSync(full)
  await service.ready()
  await service.handle()
  assert.ok((await service.dropped()) >= 3 * RECORDS)
  await service.end('SIGTERM')
})

test('the reader of its log stalls: it continues, and says what is missing when it reads again', async (t) => {
  const service = await start(t, 'stalled', 'pipe')
  await service.ready()
  await service.handle()
  assert.ok((await service.dropped()) > 0)
  const lines: Array<{ event: string; lines?: number }> = []
  const stdout = service.child.stdout as Readable
  createInterface({ input: stdout }).on('line', (line) => lines.push(JSON.parse(line)))
  await service.end('SIGTERM')
  const missing = lines.filter(({ event }) => event === 'log.dropped')
  const of = (wanted: string) => lines.filter(({ event }) => event === wanted).length
  assert.ok(missing.length > 0)
  const told = missing.reduce((sum, each) => sum + (each.lines ?? 0), 0)
  assert.ok(
    of('record.logged') + of('printed') + told >= 2 * RECORDS,
    'every line is there, or counted',
  )
})
