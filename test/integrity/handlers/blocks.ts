// Notes each event in its order, before it answers: `transfer HASH` or `reorg FROM TO`. A reorg then takes
// as long as `options.wait` says, so that a process can be killed while it is in flight.
import { openSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineHandler } from 'onchain-consumer'

const { ATTEMPTS_FILE = '' } = process.env
const file = openSync(ATTEMPTS_FILE, 'a')

export default defineHandler({
  name: 'blocks',

  async handle({ events, record: { offset } }, { options }) {
    for (const { kind, block, reorg } of events) {
      const hashes = reorg === undefined ? block?.hash : `${reorg.from} ${reorg.to}`
      writeSync(file, `${offset} ${kind} ${hashes}\n`)
      if (reorg !== undefined) await sleep(Number(options['wait']))
    }
  },
})
