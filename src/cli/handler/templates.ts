/** A handler that passes transfers on to the sink `out`. Types only: it runs without an installed package. */
export function handlerTemplate(name: string): string {
  return `import type { SingleHandler } from 'onchain-consumer'

export default {
  name: '${name}',

  // If one of them is not in the configuration, the service does not start, and check says so.
  sinks: ['out'],

  // Other events are left out; without any left, the handler is not called.
  filter: { kinds: ['transfer'], success: true },

  // A message comes again after an error or a crash: the id makes what is written twice the same.
  async handle({ events }, { emit }) {
    for (const { id, chain, from, to, asset, amount } of events) {
      await emit('out', { chain, from, to, asset: asset?.symbol ?? null, amount }, { id })
    }
  },
} satisfies SingleHandler
`
}

/** @param module File name of the handler. */
export function testTemplate(module: string): string {
  return `import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChainEvent, HandlerContext, Message } from 'onchain-consumer'
import handler from './${module}'

const transfer: ChainEvent = {
  id: 'signature:0',
  chain: 'solana',
  kind: 'transfer',
  time: Date.UTC(2026, 0, 31),
  from: 'alice',
  to: 'bob',
  addresses: ['alice', 'bob'],
  asset: { address: '', symbol: 'SOL', decimals: 9 },
  amount: 1_500_000_000n,
  success: true,
}

function messageOf(...events: ChainEvent[]): Message {
  const place = { topic: 'solana.transfers', partition: 0, offset: 0, timestamp: 0 }
  const record = { ...place, key: null, value: null, headers: undefined }
  return { record, encoding: 'plain', bytes: 0, document: null, events }
}

/** What the handler uses of its context; it keeps what is emitted. */
function createContext() {
  const emitted: unknown[][] = []
  const context: Partial<HandlerContext> = {
    async emit(...values) {
      emitted.push(values)
    },
  }
  return { context: context as HandlerContext, emitted }
}

test('a transfer is emitted with its id', async () => {
  const { context, emitted } = createContext()
  await handler.handle(messageOf(transfer), context)
  const value = { chain: 'solana', from: 'alice', to: 'bob', asset: 'SOL', amount: 1_500_000_000n }
  assert.deepEqual(emitted, [['out', value, { id: 'signature:0' }]])
})
`
}

const SOLANA = {
  Block: { Height: 335197870, Slot: 357009159, Timestamp: 1753990893 },
  Transaction: {
    FeePayer: '6baXYPD4SwG2eGnhSs4z9uD2iy7HBGrvtdVH56HsAdoX',
    Signature:
      'DkThS89w8q9j3nH7kaN9MPeHqQTXVYW62NCrSCCsatsVuiu9cLMw2WpcBDH43hJt6Jn9pv8TDzbDRRBQA2TgkH8',
    Signer: '6baXYPD4SwG2eGnhSs4z9uD2iy7HBGrvtdVH56HsAdoX',
    Status: { Success: true, ErrorMessage: '' },
  },
  Transfer: {
    InstructionIndex: 7,
    Amount: 120270000,
    Sender: { Address: 'CvEK6qvJhy9hQAZ77zwkQ6owsSM3ZhFz8XWQW8bJ5yLm' },
    Receiver: { Address: '5Q544fKrFoe6tsEbD7S8EmxGTJYAKtTVhAW5Q5pge4j1' },
    Currency: { Symbol: 'SOL', Decimals: 9, Native: true, MintAddress: '' },
  },
}

const FAILED = {
  ...SOLANA,
  Transaction: {
    ...SOLANA.Transaction,
    Signature:
      'ksdapN5pc4oedDbP1MTJ8zES94WShEjm31xbRiCLpvwVApK4ZzSBfp2H9cmk1TosegehzoJLTvawzbV1ZNvzMQC',
    Status: { Success: false, ErrorMessage: 'custom program error: 0x1' },
  },
}

/** Plain values of solana.transfers, one a line: a transfer, one that failed, and the first again. */
export const samplesTemplate: string = [[SOLANA], [FAILED], [SOLANA]]
  .map((value) => `${JSON.stringify(value)}\n`)
  .join('')
