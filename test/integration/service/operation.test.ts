import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { mount } from '../../support/config-map.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { numbered, until, useKafka } from '../harness.ts'
import { startAdministered, TOKEN } from './administered.ts'
import { plainEnvironment, type RunningService, startService } from './process.ts'

const embedded = useKafka()

/** A configuration as Kubernetes mounts it: a new one is a new link. */
async function mounted(t: TestContext, config: object) {
  const name = 'config.yaml'
  const filesOf = (next: object | string) => ({
    [name]: typeof next === 'string' ? next : JSON.stringify(next),
  })
  const { at, write } = await mount(t, filesOf(config))
  return { path: at(name), write: (next: object | string) => write(filesOf(next)) }
}

const adminService = (t: TestContext, topics: string, env: Record<string, string> = {}) =>
  startAdministered(t, { ...plainEnvironment(t, embedded.kafka, topics), ...env })

interface Lag {
  readonly topic: string
  readonly partition: number
  readonly paused: boolean
  readonly pausedBy: string | null
}

async function lagOf({ get }: RunningService): Promise<Lag[]> {
  return JSON.parse((await get('/lag')).body).partitions
}

const metricOf = async ({ get }: RunningService, series: string): Promise<number> => {
  const line = (await get('/metrics')).body.split('\n').find((one) => one.startsWith(`${series} `))
  return Number(line?.split(' ').at(-1))
}

test('a topic is paused and resumed by the command; the other flows on, a rebalance changes nothing', async (t) => {
  const [stopped, flowing] = ['stopped', 'flowing']
  await embedded.createTopic(stopped, 2)
  await embedded.createTopic(flowing, 2)
  const { service, command } = await adminService(t, `${stopped},${flowing}`)

  const documents = numbered(5).map((text) => JSON.stringify(text))
  const paused = await command('pause', '--topic', stopped)
  assert.equal(paused.code, 0, paused.stderr)
  assert.match(
    paused.stdout,
    /: paused the topic stopped\n.*Paused topic +Partition +Handler +By.*\n.*stopped +operator/s,
  )
  await embedded.produce(stopped, documents, 1)
  await embedded.produce(flowing, documents, 0)
  await service.recorded(5)
  assert.ok(service.records().every((line) => line['topic'] === flowing))
  assert.equal((await service.get('/readyz')).status, 200)
  const series = `onchain_consumer_operator_pause{topic="${stopped}",partition="",handler=""}`
  assert.equal(await metricOf(service, series), 1)

  // A second member takes half, and gives it back: twice the partitions are assigned again.
  const other = startService(t, plainEnvironment(t, embedded.kafka, `${stopped},${flowing}`))
  await other.ready()
  await until(async () => (await lagOf(service)).length === 2, 'half of the partitions')
  await other.end()
  await until(async () => (await lagOf(service)).length === 4, 'all partitions again')
  for (const { topic, pausedBy } of await lagOf(service)) {
    assert.equal(pausedBy, topic === stopped ? 'operator' : null)
  }

  const resumed = await command('resume', '--topic', stopped)
  assert.match(resumed.stdout, /: resumed the topic stopped\nNothing is paused\.\n$/)
  const handled = () => [...service.records(), ...other.records()]
  await until(
    () => handled().filter((line) => line['topic'] === stopped).length === 5,
    'what waited',
  )
  const wrong = await command('pause', '--topic', 'nowhere')
  assert.equal(wrong.code, 1)
  assert.match(wrong.stderr, /answers 404: the topic "nowhere" is not consumed here/)
  const { code, lines, stderr } = await service.end()
  assert.equal(code, 0, stderr)
  assert.doesNotMatch(JSON.stringify(lines), new RegExp(TOKEN))
})

test('a handler is paused by its name, and what waited for it comes in order', async (t) => {
  const topic = 'handler-pause'
  await embedded.createTopic(topic)
  const folder = temporaryFolder(t)
  const module = `export default { name: 'printer', handle({ record }, { log }) {
    log.info({ event: 'printed', value: String(record.value) }, 'printed') } }`
  await writeFile(join(folder, 'printer.mjs'), module)
  const config = { handlers: [{ path: join(folder, 'printer.mjs') }] }
  const { path } = await mounted(t, {
    ...config,
    decode: { topics: [{ pattern: '*', format: 'text' }] },
  })
  const { service, command } = await adminService(t, topic, { OCC_CONFIG: path })
  const printed = () =>
    service.lines.flatMap(({ event, value }) => (event === 'printed' ? [value] : []))

  assert.equal((await command('pause', '--handler', 'printer')).code, 0)
  await embedded.produce(topic, numbered(4))
  await until(async () => (await lagOf(service))[0]?.pausedBy === 'circuit', 'it to wait')
  assert.deepEqual(printed(), [])
  const resumed = await command('resume', '--handler', 'printer')
  assert.equal(resumed.code, 0, resumed.stderr)
  await until(() => printed().length === 4, 'what waited')
  assert.deepEqual(printed(), numbered(4))
  assert.equal((await service.end()).code, 0)
})

test('live keys of a changed ConfigMap are applied, others are named, and an invalid one changes nothing', async (t) => {
  const topic = 'live'
  await embedded.createTopic(topic)
  const config = { decode: { topics: [{ pattern: '*', format: 'text' }] } }
  const { path, write } = await mounted(t, config)
  const env = { ...plainEnvironment(t, embedded.kafka, topic), OCC_CONFIG: path }
  const service = startService(t, env)
  await service.ready()
  const flags = async () =>
    Promise.all(
      ['valid', 'pending_restart'].map((name) =>
        metricOf(service, `onchain_consumer_config_${name}`),
      ),
    )
  assert.deepEqual(await flags(), [1, 0])

  await write({
    ...config,
    log: { level: 'debug' },
    processing: { concurrency: 7 },
    kafka: { clientId: 'another' },
  })
  const changed = await service.logged(({ event }) => event === 'config.changed', 'it changes')
  assert.deepEqual(changed['applied'], ['processing.concurrency', 'log.level'])
  assert.deepEqual(changed['pendingRestart'], ['kafka.clientId'])
  assert.deepEqual(await flags(), [1, 1])
  assert.equal(await metricOf(service, 'onchain_consumer_concurrency'), 7)
  await service.logged(({ level }) => level === 'debug', 'it logs more')

  await write('processing: {concurrency: many}')
  const invalid = await service.logged(({ event }) => event === 'config.invalid', 'it is refused')
  assert.match(invalid.msg, /processing\.concurrency = "many" is of the wrong type\. Remedy/)
  assert.deepEqual(await flags(), [0, 1])
  assert.equal(await metricOf(service, 'onchain_consumer_concurrency'), 7)
  await embedded.produce(topic, numbered(2))
  await service.recorded(2)

  await write(config)
  await until(async () => String(await flags()) === '1,0', 'the first configuration again')
  assert.equal(await metricOf(service, 'onchain_consumer_concurrency'), 100)
  assert.equal((await service.end()).code, 0)
})

test('a topic of another format waits, and is handled once the changed file names its format', async (t) => {
  const topic = 'mended'
  await embedded.createTopic(topic)
  const { path, write } = await mounted(t, { circuit: { maxProbeAfter: '2s' } })
  const env = { ...plainEnvironment(t, embedded.kafka, topic), OCC_CONFIG: path }
  const service = startService(t, env)
  await service.ready()
  await embedded.produce(topic, numbered(8))
  await until(async () => (await lagOf(service))[0]?.pausedBy === 'decode', 'it to wait')
  await write({
    circuit: { maxProbeAfter: '2s' },
    decode: { topics: [{ pattern: '*', format: 'text' }] },
  })
  const changed = await service.logged(({ event }) => event === 'config.changed', 'it changes')
  assert.deepEqual([changed['applied'], changed['pendingRestart']], [['decode.topics'], []])
  await service.recorded(8)
  assert.equal(await metricOf(service, 'onchain_consumer_config_pending_restart'), 0)
  assert.equal((await service.end()).code, 0)
})
