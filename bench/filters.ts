// node_modules/.bin/node bench/filters.ts: what a filter by many addresses costs an event.
import { randomBytes } from 'node:crypto'
import type { ChainEvent } from '../src/decode/types.ts'
import type { FilterRules } from '../src/handle/api/types.ts'
import { compileFilter, type EventFilter } from '../src/handle/select/event-filter.ts'
import { base58 } from '../src/kernel/text/base58.ts'
import { type Load, loads } from './decode/loads.ts'
import { samplesOf, spread, type Timed } from './decode/measure.ts'
import { messageOf, recordOf } from './decode/records.ts'
import { count, readFlags } from './flags.ts'

const settings = readFlags(
  'node_modules/.bin/node bench/filters.ts',
  {
    addresses: { value: 'N', about: 'of the filter; default: 10000' },
    rounds: { value: 'N', about: 'of each; default: 7' },
    milliseconds: { value: 'N', about: 'of each round; default: 200' },
  },
  ({ addresses, rounds, milliseconds }) => ({
    addresses: count('addresses', addresses, 10_000),
    rounds: count('rounds', rounds, 7),
    milliseconds: count('milliseconds', milliseconds, 200),
  }),
)

/** Decodes them: each time new texts, which nobody has compared yet. */
function eventsOf(topic: string, values: readonly Buffer[]): ChainEvent[] {
  return values.flatMap((value) => messageOf(recordOf(topic, value)).events)
}

/** Addresses of the chain that are in no event, and every hundredth that is in one. */
function watchList(events: readonly ChainEvent[]): string[] {
  const seen = [...new Set(events.flatMap(({ addresses }) => addresses))]
  const known = seen.filter((_, index) => index % 100 === 0)
  const isHex = seen[0]?.startsWith('0x') === true
  const unknown = () => (isHex ? `0x${randomBytes(20).toString('hex')}` : base58(randomBytes(32)))
  return Array.from({ length: settings.addresses }, (_, index) => known[index] ?? unknown())
}

let kept = 0

function filtersOf(events: readonly ChainEvent[]): Record<string, EventFilter> {
  const addresses = watchList(events)
  const kinds = [...new Set(events.map(({ kind }) => kind))]
  const filter = (rules: FilterRules) =>
    compileFilter({ addresses, ...rules }, null) ?? (() => true)
  return {
    'any role': filter({}),
    from: filter({ addressRole: 'from' }),
    to: filter({ addressRole: 'to' }),
    'any role, kind, amount': filter({ kinds, minAmountSmallest: '1' }),
  }
}

/** Microseconds an event, of each filter: what a pass takes more than one that filters nothing. */
function cost({ topic, values }: Load): Record<string, string> {
  const messages = values()
  const events = eventsOf(topic, messages)
  const filters = Object.entries(filtersOf(events))
  const pass = (passes: EventFilter) => () => {
    for (const event of eventsOf(topic, messages)) if (passes(event)) kept++
  }
  const timed: Timed[] = [
    { name: 'none', pass: pass(({ addresses }) => addresses.length > 0) },
    ...filters.map(([name, passes]) => ({ name, pass: pass(passes) })),
  ]
  const samples = samplesOf(timed, events.length, settings)
  const none = samples.get('none') ?? []
  const parties = events.reduce((sum, { addresses }) => sum + addresses.length, 0)
  return {
    'addresses an event': (parties / events.length).toFixed(1),
    'reading an event': spread(none, 2),
    ...Object.fromEntries(
      filters.map(([name]) => {
        const more = (samples.get(name) ?? []).map((each, round) => each - (none[round] ?? 0))
        return [name, spread(more, 2)]
      }),
    ),
  }
}

console.log(`A filter by ${settings.addresses} addresses, microseconds of CPU an event:`)
console.log('least, median and most of the rounds, in turns')
// Of the third, which is large, reading takes so long that nothing can be seen beside it.
console.table(Object.fromEntries(loads.slice(0, 2).map((load) => [load.topic, cost(load)])))
if (kept === 0) throw new Error('no event passed')
