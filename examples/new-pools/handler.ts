// Reports pools of Solana when they are first traded, each once.
import { defineHandler } from 'onchain-consumer'

/** Since the start: what was traded before is reported once more, and the oldest are forgotten. */
const MAX_POOLS = 1_000_000
const pools = new Set<string>()

export default defineHandler({
  name: 'new-pools',
  filter: { kinds: ['trade'], success: true },
  async handle({ events }, { emit }) {
    for (const { trade, block } of events) {
      const pool = trade?.pool
      if (!trade || !pool || pools.has(pool)) continue
      const { dex, buy, sell } = trade
      const assets = [buy, sell].map(({ asset }) => asset?.symbol || asset?.address)
      await emit('pools', { pool, dex: dex.name, assets, slot: block?.number }, { id: pool })
      pools.add(pool)
      const [oldest] = pools
      if (pools.size > MAX_POOLS && oldest !== undefined) pools.delete(oldest)
    }
  },
})
