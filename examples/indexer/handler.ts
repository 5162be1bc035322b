// Writes every transfer as a row, many in one call, as a database indexer would.
import { defineHandler } from 'onchain-consumer'

export default defineHandler({
  name: 'indexer',
  filter: { kinds: ['transfer'] },
  batch: { size: 500, within: 200 },

  async handle(messages, { emit }) {
    const rows = messages.flatMap(({ events, record }) =>
      events.map(({ id, chain, time, from, to, asset, amount, success }) => ({
        id,
        chain,
        time,
        from,
        to,
        asset: asset?.address || asset?.symbol || null,
        amount,
        success,
        source: `${record.topic}/${record.partition}/${record.offset}`,
      })),
    )
    // All at once, so that the sink writes them together and syncs once.
    await Promise.all(rows.map((row) => emit('rows', row, { key: row.id, id: row.id })))
  },
})
