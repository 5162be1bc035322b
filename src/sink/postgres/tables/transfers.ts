import { block, identity, origin } from './common-columns.ts'
import type { EventTable } from './event-table.ts'

export const transfers: EventTable = {
  name: 'transfers',
  kind: 'transfer',
  migrations: { none: 'transfers', day: 'transfers-by-day' },
  key: ['id'],
  columns: [
    ...identity,
    { name: 'sender', type: 'text', read: ({ from }) => from },
    { name: 'receiver', type: 'text', read: ({ to }) => to },
    { name: 'asset', type: 'text', read: ({ asset }) => asset?.address },
    { name: 'symbol', type: 'text', read: ({ asset }) => asset?.symbol },
    { name: 'decimals', type: 'smallint', read: ({ asset }) => asset?.decimals },
    { name: 'amount', type: 'numeric', read: ({ amount }) => amount },
    { name: 'success', type: 'boolean', read: ({ success }) => success },
    ...block,
    ...origin,
  ],
}
