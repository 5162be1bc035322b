export const eventKinds = ['transfer', 'transaction'] as const

/** What an event is of: one movement of an asset, or a transaction with none or several. */
export type EventKind = (typeof eventKinds)[number]
