import type { EventTable } from './event-table.ts'
import { trades } from './trades.ts'
import { transactions } from './transactions.ts'
import { transfers } from './transfers.ts'

/** All tables that the service makes. To add one: docs/extending.md. */
export const eventTables: readonly EventTable[] = [transfers, trades, transactions]

/** @param name one of the list, as the configuration has checked it */
export function eventTable(name: string): EventTable {
  const found = eventTables.find((table) => table.name === name)
  if (found === undefined) throw new Error(`there is no table of ${name}`)
  return found
}
