export const eventKinds = ['transfer', 'transaction', 'trade'] as const

/** An event is one movement of an asset, a transaction with none or several, or a trade. */
export type EventKind = (typeof eventKinds)[number]
