import { hash } from 'node:crypto'
import type { ChainEvent } from '../../../decode/types.ts'
import type { EventKind } from '../../../kernel/shapes/event-kind.ts'
import { type CellOptions, cellsOf, refused } from '../rows/cell.ts'
import type { Row, RowSource } from '../rows/table.ts'

/** An event with the place of its record, as the handlers without code emit it. */
export type EmittedEvent = ChainEvent & {
  readonly topic?: string
  readonly partition?: number
  readonly offset?: number
  /** Of the record, milliseconds since the epoch. */
  readonly timestamp?: number
}

/** A table that the service makes: `sinks.<name>.events` names it. */
export interface EventTable {
  readonly name: string
  /** Other events of a message are left out. */
  readonly kind: EventKind
  readonly columns: ReadonlyArray<{
    readonly name: string
    readonly type: string
    /** @param perBlock whether an event that comes in two blocks is two rows */
    read(event: EmittedEvent, perBlock: boolean): unknown
  }>
  /** The columns of the primary key; `time` is added if the table is partitioned by it. */
  readonly key: readonly string[]
  /** Folders of tables/sql/ with its numbered migrations. */
  readonly migrations: { readonly none: string; readonly day: string }
}

export interface EventSourceOptions {
  readonly table: string
  readonly partitions: 'none' | 'day'
  readonly nul: CellOptions['nul']
  /** An event that comes in two blocks is two rows, of which one block may be superseded. */
  readonly perBlock: boolean
}

/** 16 bytes that identify an event among those of all chains. In SQL: see docs/postgres.md. */
export function eventKey({ chain, id, block }: EmittedEvent, perBlock: boolean): string {
  const place = perBlock && block !== undefined ? `/${block.hash}` : ''
  return `\\x${hash('sha256', `${chain}/${id}${place}`, 'hex').slice(0, 32)}`
}

/** Milliseconds since the epoch: of the event, or, if the chain gave none, of its record. */
export function timeOf({ time, timestamp }: EmittedEvent): number {
  const known = time ?? timestamp
  if (known === undefined) {
    throw refused('the event has no time. Emit it with `timestamp`: message.record.timestamp')
  }
  return known
}

export function createEventSource(
  { columns, key, kind }: EventTable,
  { table, partitions, nul, perBlock }: EventSourceOptions,
): RowSource {
  const readers = columns.map(({ name, type, read }) => {
    return { read, cellOf: cellsOf(name, { type, unit: 'ms', nul }) }
  })

  function rowOf(event: EmittedEvent): Row {
    return readers.map(({ read, cellOf }) => cellOf(read(event, perBlock)))
  }

  return {
    table,
    columns,
    key: partitions === 'day' ? [...key, 'time'] : key,
    update: [],
    rowsOf: (value) => [value].flat().filter(isEventOf(kind)).map(rowOf),
  }
}

function isEventOf(kind: EventKind) {
  return (value: unknown): value is EmittedEvent => {
    const isEvent = typeof value === 'object' && value !== null && 'kind' in value && 'id' in value
    if (!isEvent) throw refused('it is not an event. Emit events of message.events, or a list')
    return value.kind === kind
  }
}
