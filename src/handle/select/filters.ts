import { OccError } from '../../kernel/errors.ts'
import type { FilterRules, HandlerFilter } from '../api/types.ts'
import type { AddressLists } from './address-list.ts'
import { compileFilter, type EventFilter } from './event-filter.ts'

const RULES: ReadonlySet<string> = new Set<keyof FilterRules>([
  'kinds',
  'chains',
  'addresses',
  'addressesFile',
  'addressRole',
  'assets',
  'minAmount',
  'minAmountSmallest',
  'success',
])

/** The filter for the rules, with its address list loaded; null if every event passes. */
export async function openFilter(
  rules: FilterRules | undefined,
  lists: AddressLists,
): Promise<EventFilter | null> {
  if (rules === undefined) return null
  const { addressesFile } = rules
  const listed = addressesFile === undefined ? null : await lists.open(addressesFile)
  return compileFilter(rules, listed)
}

/** The same for the filter in a handler's code. */
export async function openHandlerFilter(
  filter: HandlerFilter | undefined,
  lists: AddressLists,
): Promise<EventFilter | null> {
  if (typeof filter === 'function') return filter
  // A misspelt rule would let every event pass.
  const unknown = Object.keys(filter ?? {}).find((name) => !RULES.has(name))
  if (unknown === undefined) return openFilter(filter, lists)
  throw new OccError(
    'OCC_FILTER',
    `there is no rule ${unknown}: the rules are ${[...RULES].join(', ')}`,
  )
}
