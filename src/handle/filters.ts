import type { AddressLists } from './address-list.ts'
import { compileFilter, type EventFilter } from './event-filter.ts'
import type { FilterRules, HandlerFilter } from './types.ts'

/** The filter of the rules, with its list of addresses read; null where nothing is left out. */
export async function openFilter(
  rules: FilterRules | undefined,
  lists: AddressLists,
): Promise<EventFilter | null> {
  if (rules === undefined) return null
  const { addressesFile } = rules
  const listed = addressesFile === undefined ? null : await lists.open(addressesFile)
  return compileFilter(rules, listed)
}

/** The same for what stands in a handler's code. */
export async function openHandlerFilter(
  filter: HandlerFilter | undefined,
  lists: AddressLists,
): Promise<EventFilter | null> {
  return typeof filter === 'function' ? filter : openFilter(filter, lists)
}
