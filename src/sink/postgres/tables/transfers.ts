import { type EventTable, eventKey, timeOf } from './event-table.ts'

export const transfers: EventTable = {
  name: 'transfers',
  kind: 'transfer',
  migrations: { none: 'transfers', day: 'transfers-by-day' },
  key: ['id'],
  columns: [
    { name: 'id', type: 'bytea', read: eventKey },
    { name: 'time', type: 'timestamptz', read: timeOf },
    { name: 'chain', type: 'text', read: ({ chain }) => chain },
    { name: 'event_id', type: 'text', read: ({ id }) => id },
    { name: 'sender', type: 'text', read: ({ from }) => from },
    { name: 'receiver', type: 'text', read: ({ to }) => to },
    { name: 'asset', type: 'text', read: ({ asset }) => asset?.address },
    { name: 'symbol', type: 'text', read: ({ asset }) => asset?.symbol },
    { name: 'decimals', type: 'smallint', read: ({ asset }) => asset?.decimals },
    { name: 'amount', type: 'numeric', read: ({ amount }) => amount },
    { name: 'success', type: 'boolean', read: ({ success }) => success },
    { name: 'topic', type: 'text', read: ({ topic }) => topic },
    { name: 'partition', type: 'integer', read: ({ partition }) => partition },
    { name: 'record_offset', type: 'bigint', read: ({ offset }) => offset },
  ],
}
