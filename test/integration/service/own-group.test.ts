import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { numbered, until, useKafka } from '../harness.ts'
import { startAdministered } from './administered.ts'
import { plainEnvironment, type RunningService } from './process.ts'

const embedded = useKafka()
const RECORDS = 400

const documents = (count: number) => numbered(count).map((name) => JSON.stringify({ name }))

/** A handler of a database: done at once. */
const FAST = "export default { name: 'db', async handle() {} }"
/** A webhook that does not answer before the file `options.gate` is there, and is then done. */
const SLOW = `
import { existsSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
export default {
  name: 'slack',
  async handle(_, { options, signal }) {
    while (!existsSync(options.gate)) await setTimeout(20, undefined, { signal })
  },
}`
/** Knows one bad record. */
const PICKY = `
export default {
  name: 'picky',
  async handle({ record }, { dead }) { if (record.offset === 7) return dead('it is the seventh') },
}`

async function start(t: TestContext, topic: string, handlers: readonly object[]) {
  const folder = temporaryFolder(t)
  for (const [name, text] of Object.entries({ fast: FAST, slow: SLOW, picky: PICKY })) {
    await writeFile(join(folder, `${name}.mjs`), text)
  }
  const config = join(folder, 'config.json')
  const at = handlers.map((one) => ({ ...one, path: join(folder, Reflect.get(one, 'path')) }))
  const scaling = { lagPerPod: 10, interval: '200ms' }
  await writeFile(config, JSON.stringify({ handlers: at, scaling }))
  await embedded.createTopic(topic, 2)
  for (const partition of [0, 1]) {
    await embedded.produce(topic, documents(RECORDS / 2), partition)
  }
  const env = plainEnvironment(t, embedded.kafka, topic, topic)
  return { env, ...(await startAdministered(t, env, ['--config', config])) }
}

const committed = (group: string, topic: string) => embedded.committedTotal(group, topic)

const done = (group: string, topic: string) =>
  until(async () => (await committed(group, topic)) === RECORDS, `${group} has committed all`)

interface Groups {
  readonly groups: ReadonlyArray<{ readonly group: string; readonly lag: number }>
  readonly wantedReplicas: number
}

async function scaleOf({ get }: RunningService): Promise<Groups> {
  return JSON.parse((await get('/scale')).body)
}

test('a handler with a group of its own holds up nobody: the others commit everything meanwhile', async (t) => {
  const topic = 'paced'
  const gate = join(temporaryFolder(t), 'gate')
  const { service } = await start(t, topic, [
    { path: 'fast.mjs' },
    { path: 'slow.mjs', name: 'slack', group: 'own', timeout: '10m', options: { gate } },
  ])
  await done(topic, topic)
  assert.equal(await committed(`${topic}.slack`, topic), 0)
  await until(async () => {
    const { groups, wantedReplicas } = await scaleOf(service)
    const lags = groups.map(({ group, lag }) => `${group} ${lag}`)
    return lags.join() === `${topic} 0,${topic}.slack ${RECORDS}` && wantedReplicas === 2
  }, 'the slow group alone has lag, and the pods for it are wanted')
  await writeFile(gate, '')
  await done(`${topic}.slack`, topic)
  const metrics = (await service.get('/metrics')).body
  for (const group of ['', `,group="${topic}.slack"`]) {
    const handled = `onchain_consumer_handled_records_total{topic="${topic}"${group}} ${RECORDS}`
    assert.ok(metrics.includes(handled), handled)
  }
  const { code } = await service.end()
  assert.equal(code, 0)
})

test('pausing a handler with a group of its own pauses nothing else', async (t) => {
  const topic = 'paused-alone'
  const { service, command } = await start(t, topic, [
    { path: 'fast.mjs' },
    { path: 'fast.mjs', name: 'second', group: 'own' },
  ])
  await done(topic, topic)
  await done(`${topic}.second`, topic)
  assert.equal((await command('pause', '--handler', 'second')).code, 0)
  const more = documents(10)
  await embedded.produce(topic, more)
  const total = RECORDS + more.length
  await until(async () => (await committed(topic, topic)) === total, 'the others go on')
  assert.equal(await committed(`${topic}.second`, topic), RECORDS)
  assert.equal((await command('resume', '--handler', 'second')).code, 0)
  await until(
    async () => (await committed(`${topic}.second`, topic)) === total,
    'the handler goes on',
  )
  assert.equal((await service.end()).code, 0)
})

test('without a handler left for it, the group of the service has no member', async (t) => {
  const topic = 'alone'
  const { service } = await start(t, topic, [{ path: 'fast.mjs', name: 'only', group: 'own' }])
  await done(`${topic}.only`, topic)
  assert.equal(await committed(topic, topic), 0)
  const { groups } = await embedded.admin.listGroups()
  const names = groups.map(({ groupId }) => groupId)
  assert.deepEqual([names.includes(topic), names.includes(`${topic}.only`)], [false, true])
  assert.equal((await service.end()).code, 0)
})

test('a dead letter of one group is none of the other', async (t) => {
  const topic = 'letters-of-one'
  const { service, env } = await start(t, topic, [
    { path: 'fast.mjs' },
    { path: 'picky.mjs', name: 'picky', group: 'own' },
  ])
  await done(topic, topic)
  await done(`${topic}.picky`, topic)
  assert.equal((await service.end()).code, 0)
  const letters = await lettersIn(env['OCC_DEAD_LETTERS_FILE_FOLDER'] ?? '')
  assert.equal(letters.length, 2)
  for (const letter of letters) assert.match(letter, /"picky"/)
})

async function lettersIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true })
  const files = names.filter((name) => /json/.test(name)).map((name) => join(folder, name))
  const texts = await Promise.all(files.map((path) => readFile(path, 'utf8')))
  return texts.flatMap((text) => text.split('\n').filter((line) => line !== ''))
}
