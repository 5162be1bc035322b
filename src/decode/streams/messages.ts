import { evmTokens, tronTokens } from './evm-tokens.ts'
import { evmTrades, tronTrades } from './evm-trades.ts'
import { evmTransactions } from './evm-transactions.ts'
import type { MessageStream } from './message-stream.ts'
import { solanaTokens } from './solana-tokens.ts'
import { solanaTrades } from './solana-trades.ts'
import { solanaTransactions } from './solana-transactions.ts'

/** All kinds of Protocol Buffers messages with events. After a change run `npm run docs`. */
export const messageStreams: readonly MessageStream[] = [
  solanaTokens,
  solanaTrades,
  solanaTransactions,
  evmTokens,
  evmTrades,
  evmTransactions,
  tronTokens,
  tronTrades,
]
