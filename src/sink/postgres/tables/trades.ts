import { block, identity, origin } from './common-columns.ts'
import type { EventTable } from './event-table.ts'

type Side = 'buy' | 'sell'

export const trades: EventTable = {
  name: 'trades',
  kind: 'trade',
  migrations: { none: 'trades', day: 'trades-by-day' },
  key: ['id'],
  columns: [
    ...identity,
    { name: 'dex', type: 'text', read: ({ trade }) => trade?.dex.address },
    { name: 'dex_name', type: 'text', read: ({ trade }) => trade?.dex.name },
    { name: 'dex_family', type: 'text', read: ({ trade }) => trade?.dex.family },
    { name: 'pool', type: 'text', read: ({ trade }) => trade?.pool },
    { name: 'trader', type: 'text', read: ({ trade }) => trade?.trader },
    ...sideColumns('bought', 'buy'),
    ...sideColumns('sold', 'sell'),
    { name: 'success', type: 'boolean', read: ({ success }) => success },
    ...block,
    ...origin,
  ],
}

function sideColumns(prefix: string, side: Side): EventTable['columns'] {
  return [
    { name: prefix, type: 'text', read: ({ trade }) => trade?.[side].asset?.address },
    { name: `${prefix}_symbol`, type: 'text', read: ({ trade }) => trade?.[side].asset?.symbol },
    {
      name: `${prefix}_decimals`,
      type: 'smallint',
      read: ({ trade }) => trade?.[side].asset?.decimals,
    },
    { name: `${prefix}_amount`, type: 'numeric', read: ({ trade }) => trade?.[side].amount },
  ]
}
