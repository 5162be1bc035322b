// Reports deposits to the wallets of a list on an EVM chain. The filter of the configuration has the list.
import { defineHandler, formatUnits } from 'onchain-consumer'

export default defineHandler({
  name: 'evm-deposits',
  async handle({ events }, { emit }) {
    for (const { id, chain, to, asset, amount, block } of events) {
      const decimals = asset?.decimals ?? 0
      const value = amount === null ? null : formatUnits(amount, decimals)
      const deposit = { id, chain, to, value, contract: asset?.address, block: block?.hash }
      await emit('deposits', deposit, { key: to, id })
    }
  },
})
