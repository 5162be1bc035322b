import { block, identity, origin } from './common-columns.ts'
import type { EventTable } from './event-table.ts'

export const transactions: EventTable = {
  name: 'transactions',
  kind: 'transaction',
  migrations: { none: 'transactions', day: 'transactions-by-day' },
  key: ['id'],
  columns: [
    ...identity,
    { name: 'sender', type: 'text', read: ({ from }) => from },
    { name: 'receiver', type: 'text', read: ({ to }) => to },
    { name: 'success', type: 'boolean', read: ({ success }) => success },
    ...block,
    ...origin,
  ],
}
