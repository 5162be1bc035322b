import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { Kafka, type KafkaConfig, logLevel, type SASLOptions } from 'kafkajs'
import { startKafka } from '../../dev/kafka/embedded-kafka.ts'
import { isAlive } from '../../dev/kafka/nodes/run-folder.ts'
import type { EmbeddedKafka } from '../../dev/kafka/types.ts'
import { until } from '../support/waiting.ts'

describe('the embedded Kafka', () => {
  let kafka: EmbeddedKafka

  before(async () => {
    kafka = await startKafka({ advertise: { host: '127.0.0.2' }, authorizer: true })
  })
  after(() => kafka.close())

  test('answers on its plaintext listeners', async () => {
    await listTopics(client(kafka.brokers.plaintext))
    assert.ok(kafka.brokers.external)
    await listTopics(client(kafka.brokers.external.plaintext))
  })

  for (const mechanism of ['scram-sha-512', 'scram-sha-256', 'plain'] as const) {
    test(`lets the user in with ${mechanism}, the whole certificate verified`, async () => {
      await listTopics(client(kafka.brokers.saslSslSan, { ssl: tls(), sasl: sasl(mechanism) }))
    })
  }

  test('shows certificates that fit the advertised host as well', async () => {
    assert.ok(kafka.brokers.external)
    await listTopics(client(kafka.brokers.external.saslSslSan, { ssl: tls(), sasl: sasl() }))
  })

  test('has a listener like the provider: chain verified, host name impossible to', async () => {
    const ssl = { ...tls(), checkServerIdentity: () => undefined }
    await listTopics(client(kafka.brokers.saslSsl, { ssl, sasl: sasl() }))
    const strict = client(kafka.brokers.saslSsl, { ssl: tls(), sasl: sasl() })
    await assert.rejects(listTopics(strict), /does not match certificate's altnames|Hostname\/IP/)
  })

  test('refuses clients without a certificate', async () => {
    const ssl = { ca: tls().ca, rejectUnauthorized: true }
    const connecting = listTopics(client(kafka.brokers.saslSslSan, { ssl, sasl: sasl() }))
    await assert.rejects(connecting, /alert (bad certificate|certificate required)/)
  })

  test('refuses a wrong password', async () => {
    for (const mechanism of ['scram-sha-512', 'plain'] as const) {
      const wrong = { ...sasl(mechanism), password: 'wrong' } as SASLOptions
      const connecting = listTopics(client(kafka.brokers.saslSslSan, { ssl: tls(), sasl: wrong }))
      await assert.rejects(connecting, /Authentication failed|invalid credentials/i)
    }
  })

  test('hands a consumer what the console producer sent, and keeps it over a restart', async () => {
    await kafka.tools.createTopic('letters', 1, { 'retention.ms': '-1' })
    const sent = await kafka.tools.consoleProducer(['--topic', 'letters'], 'alpha\nbeta\n')
    assert.equal(sent.code, 0, sent.stderr)
    assert.deepEqual(await readAll('letters', 2, 'before'), ['alpha', 'beta'])

    await kafka.stop()
    assert.equal(kafka.pid(), undefined)
    const port = Number(kafka.brokers.plaintext.split(':')[1])
    await assert.rejects(once(connect(port, '127.0.0.1'), 'connect'), { code: 'ECONNREFUSED' })
    await kafka.start()
    assert.deepEqual(await readAll('letters', 2, 'after a stop'), ['alpha', 'beta'])

    await kafka.kill()
    await kafka.start()
    assert.deepEqual(await readAll('letters', 2, 'after a kill'), ['alpha', 'beta'])
  })

  test('denies what an ACL denies, to the user and not to the administrator', async () => {
    await kafka.tools.createTopic('secret')
    const principal = `User:${kafka.credentials.username}`
    const rule = ['--add', '--deny-principal', principal, '--operation', 'All', '--topic', 'secret']
    const added = await kafka.tools.acls([...rule, '--force'])
    assert.equal(added.code, 0, added.stderr)
    const offsetsAs = async (login: SASLOptions) => {
      const admin = client(kafka.brokers.saslSslSan, { ssl: tls(), sasl: login }).admin()
      try {
        await admin.connect()
        return await admin.fetchTopicOffsets('secret')
      } finally {
        await admin.disconnect()
      }
    }
    await assert.rejects(offsetsAs(sasl()), /Not authorized|TOPIC_AUTHORIZATION_FAILED/i)
    assert.equal((await offsetsAs({ mechanism: 'scram-sha-512', ...kafka.admin })).length, 1)
  })

  test('serves certificates of a new authority after a renewal and a restart', async () => {
    const old = tls()
    await kafka.stop()
    await kafka.renewCertificates()
    await kafka.start()
    await listTopics(client(kafka.brokers.saslSslSan, { ssl: tls(), sasl: sasl() }))
    const outdated = { ...tls(), ca: old.ca }
    const connecting = listTopics(client(kafka.brokers.saslSslSan, { ssl: outdated, sasl: sasl() }))
    await assert.rejects(connecting, /certificate/)
  })

  function client(broker: string, security: Pick<KafkaConfig, 'ssl' | 'sasl'> = {}): Kafka {
    const retry = { retries: 0 }
    // A busy machine takes longer for TLS than the second that kafkajs allows.
    const connection = { brokers: [broker], connectionTimeout: 20_000, retry, ...security }
    return new Kafka({ ...connection, logLevel: logLevel.NOTHING })
  }

  function tls() {
    const { ca, clientCertificate, clientKey } = kafka.certificates
    return {
      rejectUnauthorized: true,
      ca: readFileSync(ca, 'utf8'),
      cert: readFileSync(clientCertificate, 'utf8'),
      key: readFileSync(clientKey, 'utf8'),
    }
  }

  function sasl(mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512' = 'scram-sha-512') {
    return { mechanism, ...kafka.credentials } as SASLOptions
  }

  async function listTopics(kafkajs: Kafka): Promise<string[]> {
    const admin = kafkajs.admin()
    try {
      await admin.connect()
      return await admin.listTopics()
    } finally {
      await admin.disconnect()
    }
  }

  async function readAll(topic: string, count: number, group: string): Promise<string[]> {
    // With kafkajs's own retries: the first group has to wait for the offsets topic to be made.
    const reader = new Kafka({ brokers: [kafka.brokers.plaintext], logLevel: logLevel.NOTHING })
    const consumer = reader.consumer({ groupId: group })
    const values: string[] = []
    const { promise: done, resolve, reject } = Promise.withResolvers<void>()
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) reject(payload.error)
    })
    try {
      await consumer.connect()
      await consumer.subscribe({ topic, fromBeginning: true })
      await consumer.run({
        async eachMessage({ message }) {
          values.push(String(message.value))
          if (values.length === count) resolve()
        },
      })
      await done
    } finally {
      await consumer.disconnect()
    }
    return values
  }
})

describe('the end of the embedded Kafka', () => {
  test('close() leaves neither process nor folder, even twice', async () => {
    const kafka = await startKafka()
    const pid = kafka.pid()
    assert.ok(pid !== undefined && isAlive(pid))
    assert.ok(existsSync(kafka.folder))
    await kafka.close()
    await kafka.close()
    assert.equal(isAlive(pid), false)
    assert.equal(existsSync(kafka.folder), false)
  })

  const endings: ReadonlyArray<{ how: string; end: string }> = [
    { how: 'kill -9', end: "process.kill(process.pid, 'SIGKILL')" },
    { how: 'SIGTERM', end: "process.kill(process.pid, 'SIGTERM')" },
    { how: 'an exception', end: "setImmediate(() => { throw new Error('on purpose') })" },
    { how: 'process.exit', end: 'process.exit(0)' },
  ]
  for (const { how, end } of endings) {
    test(`its process and folder go when its owner ends by ${how}`, {
      timeout: 60_000,
    }, async () => {
      const { pid, folder } = await startAndEnd(end)
      // There is no event for the end of another process's child.
      await until(() => !isAlive(pid) && !existsSync(folder), 'its process and folder to go')
    })
  }

  test('a start that fails says why and leaves nothing behind', async () => {
    const starting = startKafka({ properties: { 'node.id': 'none' } })
    await assert.rejects(starting, {
      code: 'OCC_KAFKA_FORMAT',
      message: /Invalid value none[^\n]*$/,
    })
    const unbearable = startKafka({ jvmFlags: ['-Xmx1k'] })
    await assert.rejects(unbearable, { code: 'OCC_KAFKA_START', message: /heap/ })
    const left = readdirSync(tmpdir()).filter((name) =>
      name.startsWith(`occ-kafka-${process.pid}-`),
    )
    assert.deepEqual(left, [])
  })
})

test('without Java there is one clear message', async () => {
  const main = `${import.meta.dirname}/../../dev/kafka/main.ts`
  const env = { ...process.env, JAVA_HOME: '/nonexistent' }
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const lines: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line))
  const [code] = await once(child, 'close')
  assert.equal(code, 1)
  assert.equal(lines.length, 1)
  assert.match(lines[0] ?? '', /^.*JAVA_HOME=\/nonexistent.*install/)
})

/** Runs a process that starts a Kafka, tells about it and then ends as told. */
async function startAndEnd(end: string): Promise<{ pid: number; folder: string }> {
  const source = `
    const { startKafka } = await import(${JSON.stringify(import.meta.resolve('../../dev/kafka/embedded-kafka.ts'))})
    const kafka = await startKafka()
    console.log(JSON.stringify({ pid: kafka.pid(), folder: kafka.folder }))
    process.stdin.once('data', () => { ${end} })
  `
  const owner = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const [line] = await once(createInterface({ input: owner.stdout }), 'line')
  const told = JSON.parse(String(line)) as { pid: number; folder: string }
  assert.ok(isAlive(told.pid) && existsSync(told.folder))
  const exited = once(owner, 'exit')
  owner.stdin.end('now\n')
  await exited
  return told
}
