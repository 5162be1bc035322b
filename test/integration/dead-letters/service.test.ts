import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { stringify } from 'yaml'
import { startKafka } from '../../../dev/kafka/embedded-kafka.ts'
import type { EmbeddedKafka } from '../../../dev/kafka/types.ts'
import { main } from '../../../src/cli/index.ts'
import { fakeIo } from '../../support/fake-io.ts'
import { metric } from '../../support/metric.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until, useKafka } from '../harness.ts'
import { plainEnvironment, startService } from '../service/process.ts'

/** The stream; dead letters go to a cluster of their own, with credentials of its own. */
const embedded = useKafka()
let other: EmbeddedKafka
before(async () => {
  other = await startKafka()
})
after(() => other?.close())

/** Gives up messages with `bad`, until the file `repaired` is there. */
const HANDLER = `
import { existsSync } from 'node:fs'
import { join } from 'node:path'
export default {
  name: 'picky',
  handle({ document }, context) {
    const repaired = existsSync(join(import.meta.dirname, 'repaired'))
    if (document.bad && !repaired) return context.dead('this is bad')
  },
}
`

async function setting(t: TestContext, topic: string, deadLetters: (folder: string) => object) {
  await embedded.createTopic(topic, 2)
  const folder = temporaryFolder(t)
  await writeFile(join(folder, 'picky.js'), HANDLER)
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  await writeFile(join(folder, 'password'), other.credentials.password)
  const config = join(folder, 'config.yaml')
  const handlers = [{ path: join(folder, 'picky.js') }]
  await writeFile(config, stringify({ handlers, deadLetters: deadLetters(folder) }))
  const env: Record<string, string> = {
    ...plainEnvironment(t, embedded.kafka, topic),
    OCC_CONFIG: config,
  }

  async function dlq(...args: string[]) {
    const io = fakeIo({ env })
    const code = await main(['dlq', ...args], io)
    return { code, out: io.stdout.written(), error: io.stderr.written() }
  }

  return {
    env,
    dlq,
    folder,
    repair: () => writeFile(join(folder, 'repaired'), ''),
    committed: () => embedded.committed(env['KAFKA_GROUP_ID'] ?? '', topic),
  }
}

test('dead letters on another cluster that is away for a while: nothing is lost, and all come back', async (t) => {
  const topic = 'story'
  const { certificates, credentials, brokers } = other
  const place = await setting(t, topic, (folder) => ({
    target: 'kafka',
    kafka: {
      brokers: [brokers.saslSsl],
      securityProtocol: 'SASL_SSL',
      sasl: {
        mechanism: 'SCRAM-SHA-512',
        username: credentials.username,
        passwordFile: join(folder, 'password'),
      },
      tls: {
        caFile: certificates.ca,
        certificateFile: certificates.clientCertificate,
        keyFile: certificates.clientKey,
        verify: 'ca',
      },
      createTopic: true,
      replication: 1,
    },
  }))
  await other.kill()
  const service = startService(t, place.env)
  const values = ['{"n":1}', '{"n":2,"bad":true}', '{"broken', '{"n":3}']
  await embedded.produce(topic, values, 0)
  await embedded.produce(topic, ['{"n":4}', '{"n":5,"bad":true}'], 1)
  const waits = await service.logged(({ event }) => event === 'record.not-kept', 'it cannot keep')
  assert.match(waits.msg, /The partition waits: nothing is dropped/)
  assert.ok((await place.committed()).every((offset) => offset <= 1))

  await other.start()
  await until(async () => {
    const { body } = await service.get('/metrics')
    return metric(body, 'onchain_consumer_failed_records_total') === 3
  }, 'the three are kept')
  await until(async () => (await place.committed()).join() === '4,2', 'all is committed')
  const list = await place.dlq('list')
  assert.match(list.out, /story\/0\/1 .*picky/)
  assert.match(list.out, /story\/0\/2 .*OCC_JSON/)
  assert.match(list.out, /story\/1\/1 .*picky/)

  await place.repair()
  const sent = await place.dlq('redrive', '--yes')
  assert.equal(sent.code, 0, sent.out + sent.error)
  await until(async () => (await place.committed()).join() === '6,3', 'the redriven are committed')
  const left = (await place.dlq('list', '--json')).out.trim().split('\n')
  assert.equal(left.length, 1)
  const { original_offset, redrives, error_type } = JSON.parse(left[0] ?? '')
  assert.match(error_type, /JSON/)
  assert.ok(original_offset >= 4, 'the broken one came back as a record, and failed again')
  assert.equal(redrives, 1)
  assert.equal((await service.end()).code, 0)
})

test('--to-handlers: into the handlers without the topic; what fails again stays', async (t) => {
  const topic = 'by-hand'
  const place = await setting(t, topic, () => ({ target: 'file' }))
  const service = startService(t, place.env)
  await embedded.produce(topic, ['{"n":1,"bad":true}', '{"n":2}', '{"n":3,"bad":true}', '{"bro'])
  await until(async () => (await place.committed())[0] === 4, 'all is committed')
  await service.end()

  assert.match((await place.dlq('redrive', '--to-handlers')).out, /3 dead letters to the handlers/)
  const failed = await place.dlq('redrive', '--to-handlers', '--yes', '--handler', 'picky')
  assert.equal(failed.code, 1)
  assert.match(
    failed.out,
    /0 sent to the handlers[\s\S]*2 stay: they failed again[\s\S]*this is bad/,
  )
  await place.repair()
  const sent = await place.dlq('redrive', '--to-handlers', '--yes')
  assert.match(sent.out, /2 sent to the handlers[\s\S]*1 stay/)
  assert.match((await place.dlq('list')).out, /by-hand\/0\/3 .*JSON/)
})
