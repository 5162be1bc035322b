import { solanaTransfers } from './solana-transfers.ts'
import type { Stream } from './stream.ts'
import { tronTransactions } from './tron-transactions.ts'

/**
 * All streams: the first that matches an entry reads it. After a change run `npm run docs`, which
 * passes their names to config/.
 */
export const streams: readonly Stream[] = [solanaTransfers, tronTransactions]
