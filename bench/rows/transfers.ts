import { createHash } from 'node:crypto'
import { connectProducer, PARTITIONS } from '../production.ts'

/** Columns of the table, which are the fields of a message, too, with the types of a mapping. */
export const COLUMNS = {
  id: 'text',
  chain: 'text',
  slot: 'bigint',
  time: 'timestamptz',
  sender: 'text',
  receiver: 'text',
  asset: 'text',
  symbol: 'text',
  decimals: 'int',
  amount: 'numeric',
  success: 'boolean',
} as const

export const TABLE = 'transfers'

export const CREATE_TABLE = `create table ${TABLE} (${Object.entries(COLUMNS)
  .map(([name, type]) => `${name} ${type} not null`)
  .join(', ')}, primary key (id))`

/** So many wallets share the messages. */
const WALLETS = 20_000
const FIRST_TIME = Date.UTC(2026, 0, 1)
/** Messages of one request. */
const REQUEST = 2_000

/** One transfer; the same for the same index. About 460 bytes as JSON. */
export function transferAt(index: number) {
  return {
    id: `${textOf('signature', index, 'sha512')}:${index % 9}`,
    chain: 'solana',
    slot: 300_000_000 + Math.floor(index / 50),
    time: new Date(FIRST_TIME + index).toISOString(),
    sender: textOf('wallet', (index * 7_919) % WALLETS),
    receiver: textOf('wallet', (index * 104_729) % WALLETS),
    asset: textOf('asset', index % 300),
    symbol: 'USDC',
    decimals: 6,
    amount: amountAt(index),
    success: true,
  }
}

/** As large as every contestant reads without loss. */
function amountAt(index: number): number {
  return 10 ** 15 + index * 1_003
}

function textOf(kind: string, index: number, hash = 'sha256'): string {
  return createHash(hash).update(`${kind} ${index}`).digest('base64url')
}

/** What the table must hold in the end. */
export interface Expected {
  readonly count: number
  readonly sum: bigint
  /** Ids of the last message of each partition. */
  readonly lastIds: readonly string[]
}

/** The first `count` transfers as plain JSON, one a message, on 12 partitions. */
export async function produceTransfers(
  brokers: string,
  topic: string,
  count: number,
): Promise<Expected> {
  const producer = await connectProducer(brokers)
  let sum = 0n
  try {
    await producer.ensureTopic(topic, PARTITIONS)
    for (let next = 0; next < count; ) {
      const size = Math.min(REQUEST, count - next)
      const records = Array.from({ length: size }, () => {
        const index = next++
        const transfer = transferAt(index)
        sum += BigInt(transfer.amount)
        return {
          key: Buffer.from(transfer.sender),
          value: Buffer.from(JSON.stringify(transfer)),
          headers: {},
          partition: index % PARTITIONS,
        }
      })
      await producer.send(topic, records)
    }
  } finally {
    await producer.close()
  }
  const lasts = Array.from({ length: Math.min(PARTITIONS, count) }, (_, back) => count - 1 - back)
  return { count, sum, lastIds: lasts.map((index) => transferAt(index).id) }
}
