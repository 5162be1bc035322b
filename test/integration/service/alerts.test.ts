import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { main } from '../../../src/cli/index.ts'
import type { ChainEvent } from '../../../src/decode/types.ts'
import { formatUnits, parseUnits } from '../../../src/kernel/amounts.ts'
import { fakeIo } from '../../support/fake-io.ts'
import { sendSynthetic } from '../../support/records/synthetic-stream.ts'
import { recordsOf } from '../../support/records/topic-records.ts'
import { startWebhookReceiver } from '../../support/servers/webhook-receiver.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until, useKafka } from '../harness.ts'
import { startAdministered } from './administered.ts'
import { plainEnvironment, startService } from './process.ts'

const TOPIC = 'solana.transfers'
const MESSAGES = 300
const STREAM = { seed: 1, stream: 'solana' } as const
const USDC = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'

let events: ReadonlyMap<string, ChainEvent>

const embedded = useKafka(async (kafka) => {
  await kafka.createTopic(TOPIC)
  events = await sendSynthetic(kafka, TOPIC, MESSAGES, STREAM)
})

test('offsets wait until alerts are taken; a silent stream is said, and its end; with worker threads', async (t) => {
  const whales = [...events.values()].filter(({ asset, amount, success }) => {
    const least = parseUnits('1000000', asset?.decimals ?? 0) ?? 0n
    return success && asset?.address === USDC && amount !== null && amount >= least
  })
  assert.ok(whales.length > 3)
  let isOpen = false
  const receiver = await startWebhookReceiver(t, () => ({ status: isOpen ? 200 : 500 }))
  const config = {
    sinks: {
      slack: { type: 'webhook', url: receiver.url, allowPrivate: true, maxPerSecond: 500 },
      out: { type: 'log' },
    },
    kafka: { topics: [TOPIC], groupId: 'alerts' },
    alerts: [
      {
        ...{ name: 'whale', to: 'slack', message: '{{amount}} {{asset}} to {{to}}' },
        filter: { success: true, assets: [USDC], minAmount: '1000000' },
      },
      { name: 'many', to: 'out', count: { atLeast: 50, within: '24h' }, message: '{{count}}' },
      { name: 'silent', to: 'out', silence: '5s' },
    ],
    lag: { interval: '500ms' },
    processing: { workers: 1 },
    retry: { backoff: '50ms', maxBackoff: '200ms' },
    circuit: { probeAfter: '100ms', maxProbeAfter: '200ms' },
  }
  const file = join(temporaryFolder(t), 'config.yaml')
  await writeFile(file, JSON.stringify(config))
  const env = plainEnvironment(t, embedded.kafka, TOPIC, 'alerts')
  const service = startService(t, env, ['--config', file])
  await until(() => receiver.received.length > 0, 'the first alert to be refused')
  const refused = await embedded.committedTotal('alerts', TOPIC)
  assert.ok(refused < MESSAGES, `${refused} are committed, and no alert was taken`)
  isOpen = true
  await until(
    async () => (await embedded.committedTotal('alerts', TOPIC)) === MESSAGES,
    'everything to be committed',
  )
  const taken = new Map(
    receiver.received.map(({ body }) => [
      Reflect.get(JSON.parse(body), 'incident'),
      JSON.parse(body),
    ]),
  )
  assert.deepEqual(
    [...taken.values()].map(({ message }) => message).sort(),
    whales
      .map(
        ({ amount, asset, to }) =>
          `${formatUnits(amount ?? 0n, asset?.decimals ?? 0)} ${asset?.symbol} to ${to}`,
      )
      .sort(),
  )
  const io = fakeIo()
  const brokers = embedded.broker.brokers.join()
  const args = ['alert', 'dry-run', 'whale', '--since', '1h', '--config', file]
  assert.equal(await main([...args, '--topic', TOPIC, '--brokers', brokers], io), 0)
  assert.ok(io.stdout.written().includes(` ${whales.length} alerts, 0 held back.`))
  assert.ok(whales.every(({ to }) => io.stdout.written().includes(to ?? '-')))
  const said = (rule: string, state: string) =>
    service.logged(({ event, value }) => {
      const { rule: own, state: is } = Object(value)
      return event === 'value.emitted' && own === rule && is === state
    }, `${rule} to be ${state}`)
  const many = await said('many', 'firing')
  assert.equal(Reflect.get(Object(many['value']), 'message'), '50')
  await said('silent', 'firing')
  await sendSynthetic(embedded, TOPIC, 1, STREAM)
  await said('silent', 'resolved')
  const metrics = (await service.get('/metrics')).body
  const counted = /onchain_consumer_alerts_sent_total\{alert="whale"\} (\d+)/.exec(metrics)
  assert.equal(Number(counted?.[1]), whales.length)
  // The end of the service says what was held back.
  const { code, lines } = await service.end()
  assert.equal(code, 0)
  const digest = lines.find(({ value }) => Reflect.get(Object(value), 'state') === 'digest')
  assert.equal(Reflect.get(Object(digest?.['value']), 'held'), events.size - 50)
})

test('an endpoint that refuses every request makes no letters, whatever else the rule sees', async (t) => {
  let isOpen = false
  const receiver = await startWebhookReceiver(t, () => ({ status: isOpen ? 200 : 400 }))
  const group = 'refused-alerts'
  const config = {
    sinks: { hook: { type: 'webhook', url: receiver.url, allowPrivate: true, maxPerSecond: 500 } },
    kafka: { topics: [TOPIC], groupId: group },
    // Now and then one is enough; all records between them say nothing.
    alerts: [
      {
        name: 'often',
        to: 'hook',
        count: { atLeast: 3, within: '24h' },
        per: 'to',
        message: '{{key}}',
      },
    ],
    retry: { attempts: 2, backoff: '20ms', maxBackoff: '50ms' },
    circuit: { failures: 5, firstFailures: 5, probeAfter: '100ms', maxProbeAfter: '200ms' },
    deadLetters: { file: { folder: temporaryFolder(t) } },
  }
  const file = join(temporaryFolder(t), 'config.yaml')
  await writeFile(file, JSON.stringify(config))
  const env = plainEnvironment(t, embedded.kafka, TOPIC, group)
  const service = startService(t, env, ['--config', file])
  await until(() => receiver.received.length >= 12, 'many of them to be refused')
  isOpen = true
  const all = MESSAGES + 1
  await until(
    async () => (await embedded.committedTotal(group, TOPIC)) === all,
    'everything to be committed',
  )
  const { body } = await service.get('/metrics')
  assert.doesNotMatch(body, /failed_records_total\{[^}]*\} [1-9]/)
  assert.match(body, /alerts_sent_total\{alert="often"\} [1-9]/)
  assert.equal((await service.end()).code, 0)
})

test('what an operator has handled once more is not said again', async (t) => {
  const receiver = await startWebhookReceiver(t, () => ({ status: 200 }))
  const group = 'replayed-alerts'
  const config = {
    sinks: { hook: { type: 'webhook', url: receiver.url, allowPrivate: true, maxPerSecond: 500 } },
    kafka: { topics: [TOPIC], groupId: group },
    alerts: [{ name: 'each', to: 'hook', filter: { minAmount: '1' }, message: '{{id}}' }],
  }
  const file = join(temporaryFolder(t), 'config.yaml')
  await writeFile(file, JSON.stringify(config))
  const env = plainEnvironment(t, embedded.kafka, TOPIC, group)
  const { service, command } = await startAdministered(t, env, ['--config', file])
  const all = (await recordsOf(embedded.broker, TOPIC)).length
  const committed = () => embedded.committedTotal(group, TOPIC)
  await until(async () => (await committed()) === all, 'everything to be committed')
  const said = receiver.received.length
  assert.ok(said > 10)
  const { code, stderr } = await command(
    ...['offsets', 'set', '--topic', TOPIC, '--to', 'beginning', '--all-partitions', '--yes'],
    ...['--undo', join(temporaryFolder(t), 'undo.json')],
  )
  assert.equal(code, 0, stderr)
  await until(
    async () =>
      new RegExp(`alerts_old_total\\{alert="each"\\} ${said}\\b`).test(
        (await service.get('/metrics')).body,
      ),
    'all of them to be handled again',
  )
  await until(async () => (await committed()) === all, 'all to be committed again')
  assert.equal(receiver.received.length, said)
  assert.equal((await service.end()).code, 0)
})
