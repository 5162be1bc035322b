import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { CompressionTypes } from 'kafkajs'
import { crc32c } from '../../dev/kafka/damage/crc32c.ts'
import type { DamageKind } from '../../dev/kafka/damage/damage.ts'
import { startKafka } from '../../dev/kafka/embedded-kafka.ts'
import { isAlive } from '../../dev/kafka/nodes/run-folder.ts'
import { until, useOwnKafka } from './harness.ts'

describe('an embedded Kafka of three nodes', () => {
  const embedded = useOwnKafka({ nodes: 3 })
  const cluster = () => embedded.kafka.cluster
  const node = (id: number) => {
    const found = embedded.kafka.nodes[id - 1]
    assert.ok(found)
    return found
  }
  const leaderOf = async (topic: string) => (await cluster().leaders(topic)).get(0)

  test('has three addresses, and topics with the replicas they were given', async () => {
    assert.equal(new Set(embedded.kafka.bootstrap).size, 3)
    assert.equal(embedded.kafka.bootstrap[0], embedded.kafka.brokers.plaintext)
    assert.deepEqual(embedded.broker.brokers, embedded.kafka.bootstrap)
    const assignments = [
      [1, 2],
      [2, 3],
      [3, 1],
    ]
    await cluster().createTopic('given', { assignments })
    for (const id of [1, 2, 3]) {
      const seen = await cluster().describe('given', id)
      assert.deepEqual(
        seen.map(({ replicas }) => replicas),
        assignments,
      )
      assert.deepEqual(
        seen.map(({ leader }) => leader),
        [1, 2, 3],
      )
    }
    await assert.rejects(cluster().createTopic('given'), { code: 'OCC_KAFKA_CLUSTER' })
  })

  test('moves partitions with their records to other nodes', async () => {
    await cluster().createTopic('moving', { assignments: [[1], [2]] })
    await embedded.produce('moving', ['kept'])
    await cluster().movePartitions([
      { topic: 'moving', partition: 0, replicas: [3, 2] },
      { topic: 'moving', partition: 1, replicas: [1] },
    ])
    await cluster().moved()
    assert.deepEqual([...(await cluster().leaders('moving')).values()], [3, 1])
    await until(async () => {
      const offsets = await embedded.admin.fetchTopicOffsets('moving')
      return offsets.find(({ partition }) => partition === 0)?.high === '1'
    }, 'the record at its new place')
    const unknown = [{ topic: 'moving', partition: 0, replicas: [9] }]
    await assert.rejects(cluster().movePartitions(unknown), { message: /broker 9/ })
  })

  test('elects other leaders when a node is killed, loses no group, takes it back', async () => {
    await cluster().createTopic('killed', { assignments: [[2, 1, 3]] })
    await embedded.produce('killed', ['a', 'b'])
    const partitions = [{ partition: 0, offset: '1' }]
    await embedded.admin.setOffsets({ groupId: 'survivor', topic: 'killed', partitions })
    for (const { replicas } of await cluster().describe('__consumer_offsets')) {
      assert.equal(replicas.length, 3)
    }
    const pids = embedded.kafka.nodes.map(({ pid }) => pid())
    await node(2).kill()
    assert.equal(node(2).pid(), undefined)
    await until(async () => [1, 3].includes((await leaderOf('killed')) ?? -1), 'another leader')
    // While it is down: what was committed, and a record more.
    await until(async () => (await embedded.committed('survivor', 'killed'))[0] === 1, 'the commit')
    await embedded.produce('killed', ['c'])

    await node(2).start()
    assert.notEqual(node(2).pid(), pids[1])
    assert.deepEqual([node(1).pid(), node(3).pid()], [pids[0], pids[2]])
    assert.notEqual(await leaderOf('killed'), 2)
    await cluster().electPreferredLeaders('killed')
    assert.equal(await leaderOf('killed'), 2)
  })

  test('elects other leaders when a node hangs, and takes it back when it continues', async () => {
    await cluster().createTopic('frozen', { assignments: [[3, 1]] })
    const pid = node(3).pid()
    node(3).freeze()
    assert.ok(node(3).frozen())
    await until(async () => (await leaderOf('frozen')) === 1, 'another leader')
    node(3).thaw()
    assert.equal(node(3).frozen(), false)
    await cluster().electPreferredLeaders()
    assert.equal(await leaderOf('frozen'), 3)
    assert.equal(node(3).pid(), pid)
  })

  const damages: ReadonlyArray<{ how: DamageKind; gzip: boolean; complaint: RegExp }> = [
    { how: 'payload', gzip: true, complaint: /Record is corrupt \(stored crc = / },
    { how: 'crc', gzip: false, complaint: /Record is corrupt \(stored crc = / },
    { how: 'codec', gzip: true, complaint: /Unknown compression type id: 5/ },
    { how: 'content', gzip: true, complaint: /Not in GZIP format/ },
    { how: 'content', gzip: false, complaint: /invalid record structure/i },
  ]
  test('serves batches as they were damaged on its disk', async () => {
    const topic = 'damaged'
    await cluster().createTopic(topic, { assignments: damages.map(() => [2]) })
    const producer = embedded.client.producer()
    await producer.connect()
    for (const [partition, { gzip }] of damages.entries()) {
      const compression = gzip ? CompressionTypes.GZIP : CompressionTypes.None
      for (const values of [['one', 'two'], ['three']]) {
        const messages = values.map((value) => ({ value, partition }))
        await producer.send({ topic, messages, compression })
      }
    }
    await producer.disconnect()

    for (const [partition, { how }] of damages.entries()) {
      const batch = await node(2).damage(topic, partition, { offset: 2, how })
      assert.deepEqual([batch.baseOffset, batch.lastOffset], [2, 2])
    }
    const nowhere = { code: 'OCC_KAFKA_SEGMENT' }
    await assert.rejects(node(2).damage(topic, 0, { offset: 3, how: 'crc' }), nowhere)
    await assert.rejects(node(1).damage(topic, 0, { how: 'crc' }), nowhere)

    // Java's own consumer as the judge, which checks everything.
    const reading = damages.map(async ({ how, complaint }, partition) => {
      const { stderr } = await embedded.kafka.tools.consoleConsumer([
        ...['--topic', topic, '--partition', String(partition), '--offset', 'earliest'],
        ...['--max-messages', '3', '--timeout-ms', '30000'],
      ])
      assert.match(stderr, complaint, how)
    })
    await Promise.all(reading)
  })

  test('stops a node in order: its leaders are elsewhere when it has ended', async () => {
    await cluster().createTopic('stopped', { assignments: [[1, 2]] })
    await node(1).stop()
    assert.equal(await leaderOf('stopped'), 2)
  })
})

test('nothing is left of two nodes, one of them frozen, when their owner is killed', async () => {
  const source = `
    const { startKafka } = await import(${JSON.stringify(import.meta.resolve('../../dev/kafka/embedded-kafka.ts'))})
    const kafka = await startKafka({ nodes: 2 })
    await kafka.cluster.createTopic('both', { assignments: [[2, 1]] })
    kafka.nodes[1].freeze()
    console.log(JSON.stringify({ pids: kafka.nodes.map(({ pid }) => pid()), folder: kafka.folder }))
  `
  const owner = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(createInterface({ input: owner.stdout }), 'line')
  const { pids, folder } = JSON.parse(String(line)) as { pids: number[]; folder: string }
  assert.equal(pids.filter(isAlive).length, 2)
  owner.kill('SIGKILL')
  await until(() => !pids.some(isAlive) && !existsSync(folder), 'processes and folder to go')
})

test('refuses other numbers of nodes in one clear message', async () => {
  await assert.rejects(startKafka({ nodes: 4 }), { code: 'OCC_KAFKA_OPTION', message: /not 4$/ })
  const main = `${import.meta.dirname}/../../dev/kafka/main.ts`
  const failing = promisify(execFile)(process.execPath, [main, '--nodes', 'many'])
  await assert.rejects(failing, {
    code: 2,
    stderr: /^kafka: --nodes is many; give an integer from 1 to 3\nSee: /,
  })
})

test('computes CRC-32C', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283) // the check value of its definition
})
