export const eventKinds = ['transfer', 'transaction'] as const

/** An event is one movement of an asset, or a transaction with none or several. */
export type EventKind = (typeof eventKinds)[number]
