import { parseAddress } from '../../../src/broker/connection/address.ts'
import { openLink } from '../../../src/broker/connection/link.ts'
import { type Api, code, errorName } from '../../../src/broker/protocol/index.ts'
import type { BrokerOptions } from '../../../src/broker/types.ts'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import type { TopicPartition } from '../../../src/kernel/shapes/record.ts'

const TIMEOUT = 30_000

interface ProduceRequest extends TopicPartition {
  readonly batch: Buffer
}

/** Of one batch to one partition. Version 7 is the first that takes zstd. */
const produceApi: Api<ProduceRequest, { readonly error: number; readonly baseOffset: number }> = {
  name: 'Produce',
  key: 0,
  versions: [7],
  encode(writer, { topic, partition, batch }) {
    writer
      .nullableString(null)
      .int16(-1)
      .int32(TIMEOUT)
      .array([topic], () => {
        writer.string(topic).array([partition], () => writer.int32(partition).bytes(batch))
      })
  },
  decode(reader) {
    const [topic] = reader.array(() => {
      reader.string()
      return reader.array(() => {
        reader.int32()
        const error = reader.int16()
        const baseOffset = reader.int64()
        // When it was appended, and where the log begins.
        reader.int64()
        reader.int64()
        return { error, baseOffset }
      })
    })
    const [partition] = topic ?? []
    return partition ?? { error: code.UNKNOWN_SERVER_ERROR, baseOffset: -1 }
  },
}

/** Writes batches as they are, one of ours being one of the log: no client makes others of them. */
export interface BatchProducer {
  /** Resolves with the offset of its first record. */
  produce(place: TopicPartition, batch: Buffer): Promise<number>
  close(): void
}

export function createBatchProducer(options: BrokerOptions): BatchProducer {
  const [address = ''] = options.brokers
  const link = openLink(parseAddress(address), options, silentLog)
  return {
    async produce(place, batch) {
      for (let attempt = 1; ; attempt++) {
        const { error, baseOffset } = await link.send(produceApi, { ...place, batch }, TIMEOUT)
        if (error === code.NONE) return baseOffset
        // Of a topic that was made just now: nothing was written.
        const isEarly =
          error === code.NOT_LEADER_OR_FOLLOWER || error === code.UNKNOWN_TOPIC_OR_PARTITION
        if (!isEarly || attempt > 100) throw new Error(`Producing: ${errorName(error)}`)
        await sleep(50)
      }
    },
    close: () => link.close(),
  }
}
