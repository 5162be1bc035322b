// Alerts on large transfers: of at least the amount that the configuration sets for the asset.
import { defineHandler, formatUnits, parseUnits } from 'onchain-consumer'

/**
 * Minimum amounts in units of the asset, by its address; for a native coin by its symbol. Anybody can
 * call a token USDC.
 */
const limits = new Map<string, string>()

export default defineHandler({
  name: 'whale-alert',
  filter: { kinds: ['transfer'], success: true },

  open({ options }) {
    for (const [asset, limit] of Object.entries(Object(options['limits']))) {
      const isAmount = parseUnits(String(limit), 18) !== undefined
      if (!isAmount) throw new Error(`options.limits.${asset} is not an amount: ${limit}`)
      limits.set(asset, String(limit))
    }
    if (limits.size === 0) throw new Error('options.limits names no asset')
  },

  async handle({ events }, { emit }) {
    for (const { id, chain, from, to, asset, amount } of events) {
      if (asset === null || amount === null || asset.decimals === null) continue
      const limit = limits.get(asset.address === '' ? asset.symbol : asset.address)
      const minimum = limit === undefined ? undefined : parseUnits(limit, asset.decimals)
      if (minimum === undefined || amount < minimum) continue
      const units = formatUnits(amount, asset.decimals)
      const text = `${units} ${asset.symbol} on ${chain}: ${from} -> ${to}`
      await emit('alerts', { text, id, chain, from, to, asset, amount }, { id })
    }
  },
})
