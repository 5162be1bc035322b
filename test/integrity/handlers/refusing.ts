// Refuses what says that it is bad, with a text that is larger than a topic takes; writes the id of the rest.
import { openSync, writeSync } from 'node:fs'
import { defineHandler } from 'onchain-consumer'

const { ATTEMPTS_FILE = '' } = process.env
const file = openSync(ATTEMPTS_FILE, 'a')

export default defineHandler({
  name: 'refusing',
  handle({ document }, context) {
    const { id, bad } = document as { id: number; bad?: boolean }
    if (bad === true) return context.dead('<html>'.repeat(200_000))
    writeSync(file, `${id}\n`)
    return undefined
  },
})
