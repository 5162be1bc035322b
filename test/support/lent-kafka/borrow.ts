import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createCluster } from '../../../dev/kafka/cluster.ts'
import type { EmbeddedNode } from '../../../dev/kafka/cluster-types.ts'
import { damageBatch } from '../../../dev/kafka/damage/damage.ts'
import { startKafka } from '../../../dev/kafka/embedded-kafka.ts'
import { createTools } from '../../../dev/kafka/java/tools.ts'
import type { EmbeddedKafka } from '../../../dev/kafka/types.ts'

/** Names the port of lender.ts, where test files run together. Not with OCC_, which the service would refuse. */
export const LENDER = 'TEST_KAFKA_LENDER'

/** What a file is told of the Kafka that it borrows. */
export type LentParts = Pick<
  EmbeddedKafka,
  'bootstrap' | 'brokers' | 'credentials' | 'admin' | 'certificates'
> & { readonly dataFolder: string; readonly pid: number | undefined }

/**
 * A Kafka of one node, as startKafka() gives it, without topics and groups. Where test files run together it is lent by
 * lender.ts until close(): then it can be neither stopped nor given other certificates, and its users, quotas and
 * settings must stay as they are.
 */
export async function borrowKafka(): Promise<EmbeddedKafka> {
  const port = process.env[LENDER]
  if (port === undefined) return startKafka()
  const socket = connect(Number(port), '127.0.0.1')
  const text = await new Promise<string>((resolve, reject) => {
    createInterface({ input: socket }).once('line', resolve)
    socket.once('error', reject)
  })
  const answer: LentParts | { readonly error: string } = JSON.parse(text)
  if ('error' in answer) throw new Error(`no Kafka was lent: ${answer.error}`)
  const { dataFolder, pid, ...parts } = answer
  const folder = await mkdtemp(join(tmpdir(), 'lent-kafka-'))
  const node: EmbeddedNode = {
    ...{ id: 1, brokers: parts.brokers, dataFolder, pid: () => pid },
    ...{ frozen: () => false, exited: theirs, stop: theirs, kill: theirs, start: theirs },
    ...{ freeze: theirs, thaw: theirs },
    damage: (topic, partition, damage) => damageBatch(dataFolder, topic, partition, damage),
  }
  return {
    ...parts,
    ...{ nodes: [node], cluster: createCluster([node]), folder, pid: () => pid },
    tools: createTools(parts.bootstrap.join(',')),
    ...{ exited: theirs, stop: theirs, kill: theirs, start: theirs, renewCertificates: theirs },
    async close() {
      await rm(folder, { recursive: true, force: true })
      // Who is gone without a word was killed.
      await new Promise<void>((resolve) => socket.end('returned', resolve))
    },
  }
}

function theirs(): never {
  throw new Error('this Kafka is lent: whoever stops or changes it asks for one of its own')
}
