import { type Link, openLink } from '../../../src/broker/connection/link.ts'
import type { Api } from '../../../src/broker/protocol/index.ts'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { writeBatch } from '../../support/records/record-batches.ts'
import { brokerOptions, type Scene } from './setup.ts'

/** A batch that all in-sync replicas have. */
export interface Acked {
  readonly partition: number
  readonly firstOffset: number
  readonly count: number
  /** Milliseconds since the epoch: when the answer came. */
  readonly time: number
}

export interface Load {
  readonly acked: readonly Acked[]
  /** Sends nothing more; resolves when what is under way is answered or given up. */
  stop(): Promise<void>
}

export interface LoadOptions {
  /** Records of one batch. */
  readonly count: number
  /** Milliseconds between two batches of a partition; 0: as fast as it goes. */
  readonly every: number
  /** Of each record's value. */
  readonly bytes: number
  /** Batches of each partition; without it: until it is stopped. */
  readonly batches?: number
  /** All by default. */
  readonly partitions?: readonly number[]
}

interface ProduceRequest {
  readonly topic: string
  readonly partition: number
  readonly records: Buffer
}

const TIMEOUT = 3_000
/** Of all in-sync replicas. */
const ALL = -1

const produceApi: Api<ProduceRequest, { readonly error: number; readonly baseOffset: number }> = {
  name: 'Produce',
  key: 0,
  versions: [3],
  encode(writer, { topic, partition, records }) {
    writer.nullableString(null).int16(ALL).int32(TIMEOUT)
    writer.array([topic], (name) => {
      writer.string(name).array([partition], (number) => {
        writer.int32(number).nullableBytes(records)
      })
    })
  },
  decode(reader) {
    const [first] = reader.array(() => {
      reader.string()
      return reader.array(() => {
        reader.int32()
        const answer = { error: reader.int16(), baseOffset: reader.int64() }
        reader.int64()
        return answer
      })
    })
    reader.int32()
    return first?.[0] ?? { error: -1, baseOffset: -1 }
  },
}

/**
 * Sends records to each partition by itself, on connections of its own: where one has no leader or
 * is slow, the others get theirs all the same. kafkajs's producer stops for all of them.
 */
export function startLoad(scene: Scene, options: LoadOptions): Load {
  const { count, every, bytes, batches = Number.POSITIVE_INFINITY } = options
  const { kafka, topic } = scene
  const all = Array.from({ length: scene.partitions }, (_, partition) => partition)
  const acked: Acked[] = []
  const stopping = new AbortController()
  const { signal } = stopping
  const pad = 'x'.repeat(Math.max(0, bytes - 40))

  async function connect(partition: number): Promise<Link | null> {
    const leader = (await kafka.cluster.leaders(topic)).get(partition) ?? -1
    const address = kafka.nodes[leader - 1]?.brokers.plaintext
    if (address === undefined) return null
    const [host = '', port] = address.split(':')
    return openLink({ host, port: Number(port) }, brokerOptions(address), silentLog)
  }

  async function feed(partition: number): Promise<void> {
    const open: { link: Link | null } = { link: null }
    let number = 0
    for (let batch = 0; batch < batches && !signal.aborted; batch++) {
      const due = performance.now() + every
      const baseTimestamp = Date.now()
      const records = Array.from({ length: count }, () => ({
        value: JSON.stringify({ number: number++, partition, pad }),
      }))
      const body = writeBatch({ records, baseTimestamp })
      for (let isThere = false; !isThere && !signal.aborted; ) {
        isThere = await send(body).catch(() => false)
        if (isThere) continue
        // It may be there all the same: then its records come twice, at offsets of their own.
        open.link?.close()
        open.link = null
        await sleep(50, signal)
      }
      await sleep(Math.max(0, due - performance.now()), signal)
    }
    open.link?.close()

    async function send(body: Buffer): Promise<boolean> {
      open.link ??= await connect(partition)
      if (open.link === null) return false
      const answer = await open.link.send(produceApi, { topic, partition, records: body }, TIMEOUT)
      if (answer.error !== 0) return false
      acked.push({ partition, firstOffset: answer.baseOffset, count, time: Date.now() })
      return true
    }
  }

  const feeding = Promise.all((options.partitions ?? all).map(feed))
  return {
    acked,
    async stop() {
      if (batches === Number.POSITIVE_INFINITY) stopping.abort()
      await feeding
    },
  }
}
