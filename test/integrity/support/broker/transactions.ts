import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CompressionTypes, type Producer, type Transaction } from 'kafkajs'
import { HEADER_BYTES, readHeader } from '../../../../src/broker/batch/header.ts'
import { createClient } from '../../../../src/broker/connection/client.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
import { brokerOptions, type Scene } from '../setup.ts'

export interface Written {
  readonly offset: number
  /** null: its transaction is open. */
  isCommitted: boolean | null
}

/** Writes to one partition, in transactions that overlap and without one; knows what became of each record. */
export interface TransactionWriter {
  /** Of all records, in the order of their offsets. */
  readonly written: readonly Written[]
  /** Within the transaction of that producer, which begins where none is open. */
  write(producer: number, count: number): Promise<void>
  writePlain(count: number, keyOf?: (index: number) => string): Promise<void>
  isOpen(producer: number): boolean
  end(producer: number, how: 'commit' | 'abort'): Promise<void>
  close(): Promise<void>
}

export async function createTransactionWriter(
  scene: Scene,
  topic: string,
  producers: number,
): Promise<TransactionWriter> {
  const { kafka } = createClient(brokerOptions(scene.brokers), silentLog)
  const plain = kafka.producer({ idempotent: true })
  const transactional: Producer[] = []
  for (let index = 0; index < producers; index++) {
    transactional.push(
      kafka.producer({
        transactionalId: `${topic}-${index}`,
        idempotent: true,
        maxInFlightRequests: 1,
        transactionTimeout: 300_000,
      }),
    )
  }
  const all = [plain, ...transactional]
  for (const producer of all) await producer.connect()
  const open = new Map<number, { transaction: Transaction; records: Written[] }>()
  const written: Written[] = []

  async function send(
    sender: Pick<Producer, 'send'>,
    count: number,
    isCommitted: boolean | null,
    keyOf: (index: number) => string,
  ): Promise<Written[]> {
    const messages = Array.from({ length: count }, (_, index) => ({
      key: keyOf(index),
      value: `value ${written.length + index}`,
      partition: 0,
    }))
    const [sent] = await sender.send({ topic, messages, compression: CompressionTypes.GZIP })
    const first = Number(sent?.baseOffset)
    const records = messages.map((_, index) => ({ offset: first + index, isCommitted }))
    written.push(...records)
    return records
  }

  return {
    written,
    async write(producer, count) {
      let current = open.get(producer)
      if (current === undefined) {
        const transaction = await transactional[producer]?.transaction()
        if (transaction === undefined) throw new Error('no such producer')
        current = { transaction, records: [] }
        open.set(producer, current)
      }
      const keyOf = (index: number) => `of ${producer}, ${index}`
      current.records.push(...(await send(current.transaction, count, null, keyOf)))
    },
    async writePlain(count, keyOf = (index) => `plain ${index}`) {
      await send(plain, count, true, keyOf)
    },
    isOpen: (producer) => open.has(producer),
    async end(producer, how) {
      const current = open.get(producer)
      if (current === undefined) return
      open.delete(producer)
      await current.transaction[how]()
      for (const record of current.records) record.isCommitted = how === 'commit'
    },
    async close() {
      for (const producer of all) await producer.disconnect()
    },
  }
}

/** How many batches of the partition lie on the disk, and how many of them compaction has emptied. */
export function countBatches(dataFolder: string, topic: string) {
  const folder = join(dataFolder, `${topic}-0`)
  let batches = 0
  let emptied = 0
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.log'))) {
    const bytes = readIfThere(join(folder, name))
    for (let at = 0; at + HEADER_BYTES <= bytes.length && bytes[at + 16] === 2; ) {
      const header = readHeader(bytes, at)
      batches += 1
      if (header.count === 0) emptied += 1
      at += header.bytes
    }
  }
  return { batches, emptied }
}

/** Empty: compaction has put another one in its place since. */
function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}

/** Offsets of what Java's own consumer reads of the partition, committed records only. */
export async function readByJava({ kafka }: Scene, topic: string): Promise<number[]> {
  const { stdout } = await kafka.tools.consoleConsumer([
    // Of its one partition: without a group to join, which takes time on a busy machine.
    ...['--topic', topic, '--partition', '0', '--offset', 'earliest'],
    ...['--isolation-level', 'read_committed'],
    ...['--timeout-ms', '8000', '--property', 'print.offset=true'],
  ])
  return Array.from(stdout.matchAll(/Offset:(\d+)/g), ([, offset]) => Number(offset))
}
