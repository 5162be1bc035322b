import { type EventTable, eventKey, timeOf } from './event-table.ts'

type Columns = EventTable['columns']

/** What every event is known by. */
export const identity: Columns = [
  { name: 'id', type: 'bytea', read: eventKey },
  { name: 'time', type: 'timestamptz', read: timeOf },
  { name: 'chain', type: 'text', read: ({ chain }) => chain },
  { name: 'event_id', type: 'text', read: ({ id }) => id },
]

/** The block; NULL where the stream does not carry it. */
export const block: Columns = [
  { name: 'block_number', type: 'bigint', read: (event) => event.block?.number },
  { name: 'block_hash', type: 'text', read: (event) => event.block?.hash },
]

/** Where the service read it. */
export const origin: Columns = [
  { name: 'topic', type: 'text', read: ({ topic }) => topic },
  { name: 'partition', type: 'integer', read: ({ partition }) => partition },
  { name: 'record_offset', type: 'bigint', read: ({ offset }) => offset },
]
