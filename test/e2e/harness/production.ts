import { plainProducer } from '../../../dev/produce/plain.ts'
import { runProduction } from '../../../dev/synthetic/production.ts'
import type { SyntheticMessage } from '../../../dev/synthetic/types.ts'
import type { Account } from './account.ts'
import { heavyValue } from './heavy-value.ts'

export interface ProduceOptions {
  readonly broker: string
  readonly topic: string
  readonly partitions: number
  readonly count: number
  /** Records a second; 0 is as fast as it goes. */
  readonly rate?: number
  /** Of the ids; two productions of one test need different ones. */
  readonly prefix?: string
  /** How much work a record is: 64 KiB to decompress and parse for each. Default 0: none. */
  readonly work?: number
  readonly signal?: AbortSignal
}

/**
 * Sends records whose document is only `{"id": ...}`, spread evenly over the partitions: the log line
 * of each stays short, and a container's log below the size at which the kubelet rotates it.
 * Resolves once the brokers have acknowledged all of them.
 */
export async function produce(account: Account, options: ProduceOptions): Promise<void> {
  const {
    broker,
    topic,
    partitions,
    count,
    rate = 0,
    prefix = 'record',
    work = 0,
    signal,
  } = options
  const producer = await plainProducer([broker], 'e2e')
  let index = 0
  const source = {
    next() {
      const message = record(`${prefix}-${index}`, index, partitions, work)
      index += 1
      account.produced(message.id)
      return message
    },
  }
  try {
    await runProduction(source, producer, { topic, rate, count }, undefined, signal)
  } finally {
    await producer.close()
  }
}

function record(id: string, index: number, partitions: number, work: number): SyntheticMessage {
  const text = JSON.stringify({ id })
  return {
    index,
    id,
    kind: 'good',
    duplicateOf: undefined,
    key: null,
    value: work === 0 ? Buffer.from(text) : heavyValue(text, work),
    headers: { 'synthetic-id': id },
    events: 0,
    lz4: work > 0,
    partition: index % partitions,
  }
}
