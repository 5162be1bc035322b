export const eventKinds = ['transfer', 'transaction', 'trade', 'reorg'] as const

/**
 * An event is one movement of an asset, a transaction with none or several, a trade, or the news that
 * a block superseded another.
 */
export type EventKind = (typeof eventKinds)[number]
