import { solanaTransfers } from './solana-transfers.ts'
import type { Stream } from './stream.ts'
import { tronTransactions } from './tron-transactions.ts'

/**
 * All streams: the first that matches an entry reads it. After a change: `npm run docs`, which
 * tells config/ their names.
 */
export const streams: readonly Stream[] = [solanaTransfers, tronTransactions]
