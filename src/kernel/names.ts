// Written by `npm run docs`.

/** As in decode/formats/index.ts. */
export const formatNames = ['json', 'text', 'raw'] as const

/** As in decode/streams/index.ts. */
export const streamNames = ['solana.transfers', 'tron.broadcasted.transactions'] as const

/** As in sink/postgres/tables/index.ts. */
export const tableNames = ['transfers'] as const

/** Of the streams. */
export const chains = ['solana', 'tron'] as const
export type Chain = (typeof chains)[number]
