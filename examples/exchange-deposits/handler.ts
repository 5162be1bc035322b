// Reports deposits to the wallets of an exchange. A file lists the wallets, one ADDRESS,name a line.
// The filter of the configuration reads the same file, and reads it again when it changes.
import { readFile } from 'node:fs/promises'
import { defineHandler, formatUnits } from 'onchain-consumer'

const names = new Map<string, string>()

export default defineHandler({
  name: 'exchange-deposits',

  async open({ options, log }) {
    // Beside this file, unless the path is absolute.
    const file = new URL(String(options['wallets']), import.meta.url)
    for (const line of (await readFile(file, 'utf8')).split('\n')) {
      const [address = '', name = ''] = line.split(',')
      if (name !== '' && !line.startsWith('#')) names.set(address.trim(), name.trim())
    }
    log.info({ event: 'deposits.watching', wallets: names.size }, `Watching ${names.size} wallets`)
  },

  async handle({ events, record }, { emit }) {
    const deposits = events.map(({ id, chain, time, from, to, asset, amount }) => ({
      id,
      chain,
      wallet: to,
      name: names.get(to ?? '') ?? null,
      from,
      asset: asset?.symbol || asset?.address || null,
      amount:
        amount !== null && asset?.decimals != null ? formatUnits(amount, asset.decimals) : null,
      amountSmallest: amount,
      time: new Date(time ?? record.timestamp).toISOString(),
    }))
    // All deposits of a wallet have the same key, so that a topic keeps their order.
    await Promise.all(
      deposits.map((deposit) => emit('deposits', deposit, { key: deposit.wallet, id: deposit.id })),
    )
  },
})
