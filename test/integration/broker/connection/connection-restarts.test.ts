import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { parseAddress } from '../../../../src/broker/connection/address.ts'
import { collectGarbage } from '../../../support/collect-garbage.ts'
import { startTcpProxy } from '../../../support/servers/tcp-proxy.ts'
import { consuming, until, useOwnKafka } from '../../harness.ts'
import { secured, writeSecrets } from './secured.ts'

const TOPIC = 'restarts'
/** Descriptors that the test's own clients open and close meanwhile. One lost at each cut would be a hundred. */
const OWN = 8
const CUTS = Number(process.env['CUTS'] ?? 150)
/** Cuts before the first look: what is made once is there then. */
const WARM_UP = 50
/** A member at rest: fetches, the group, and metadata. */
const AT_REST = 3
const MIB = 1024 * 1024
/** Bytes: what differs from look to look, and less for each cut than a connection takes. */
const MOST = 4 * MIB + 9 * 1024 * (CUTS - WARM_UP)

/** The broker listens at the one and says that it is at the other, where the proxy is. */
const [REAL, ADVERTISED] = ['127.0.0.3', '127.0.0.2']

const embedded = useOwnKafka(
  { advertise: { host: ADVERTISED, bind: REAL } },
  async ({ kafka, createTopic }) => {
    await writeSecrets(kafka)
    await createTopic(TOPIC)
  },
)

/** Linux. The folder that is being read is one of them, each time. */
const descriptors = () => readdirSync('/proc/self/fd').length

async function memory(): Promise<number> {
  await collectGarbage()
  await collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

test(`a connection to a broker is cut ${CUTS} times: descriptors and memory stay as they are`, async (t) => {
  const address = embedded.kafka.brokers.external?.saslSslSan ?? ''
  const { port } = parseAddress(address)
  const proxy = await startTcpProxy(t, { host: ADVERTISED, port }, { host: REAL, port })
  const service = consuming(
    t,
    { broker: secured(embedded.kafka, address) },
    { member: { groupId: TOPIC, topics: [TOPIC], heartbeatInterval: 100, metadataMaxAge: 1_000 } },
  )
  await service.join().joined()
  let cuts = 0
  let rounds = 0

  /** Each round a record has to come through, so that it is known to work again. */
  async function cutUntil(wanted: number): Promise<void> {
    while (cuts < wanted) {
      rounds += 1
      await embedded.produce(TOPIC, [`round ${rounds}`])
      // A record that comes again is not that of the next round.
      await until(() => new Set(service.values()).size >= rounds, `the record of round ${rounds}`)
      cuts += proxy.cut(rounds % 2 === 0 ? 'reset' : 'end')
    }
    await until(
      () => proxy.open === AT_REST,
      () => `its ${AT_REST} connections, not ${proxy.open}`,
    )
  }

  await cutUntil(WARM_UP)
  const before = { descriptors: descriptors(), memory: await memory() }
  await cutUntil(CUTS)
  // What was destroyed is closed a moment later.
  await until(
    () => descriptors() <= before.descriptors + OWN && proxy.open === AT_REST,
    () => `${before.descriptors} descriptors, there are ${descriptors()}`,
  )
  const after = { descriptors: descriptors(), memory: await memory() }
  const perCut = Math.round((after.memory - before.memory) / (CUTS - WARM_UP))
  t.diagnostic(
    `${cuts} connections cut in ${rounds} rounds, ${proxy.total} made; descriptors ${before.descriptors} -> ${after.descriptors}; ` +
      `memory after gc ${(before.memory / MIB).toFixed(1)} -> ${(after.memory / MIB).toFixed(1)} MiB (${perCut} bytes a cut); ` +
      `records in ${rounds}, out ${new Set(service.values()).size}, handled twice ${service.handled.length - new Set(service.values()).size}`,
  )
  assert.ok(after.memory - before.memory < MOST, `${after.memory - before.memory} bytes more`)
  assert.deepEqual(
    [...new Set(service.values())],
    Array.from({ length: rounds }, (_, index) => `round ${index + 1}`),
  )
  assert.equal(service.meters.process.rebalances.lost, 0)
})
