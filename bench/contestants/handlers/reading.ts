// A handler that takes each event apart, as Python and Go do with their messages.
import { defineHandler } from 'onchain-consumer'

export default defineHandler({
  name: 'reading',
  handle({ events }) {
    let read = 0
    for (const { id, from, to, addresses, asset, amount, success, trade } of events) {
      for (const text of [id, from, to, asset?.address, ...addresses]) read += text?.length ?? 0
      if (success && amount !== null) read++
      if (trade !== undefined && trade.sell.amount > trade.buy.amount) read++
    }
    if (read === 0) throw new Error('no event was read')
  },
})
