// Notes each record that it handled, after `options.wait` milliseconds and before it answers, with its own
// name in the place of the key, as calling.ts does: what was written survives a kill -9.
import { openSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineHandler } from 'onchain-consumer'

const { ATTEMPTS_FILE = '' } = process.env
const file = openSync(ATTEMPTS_FILE, 'a')

export default defineHandler({
  name: 'noting',

  async handle({ record: { headers, partition, offset } }, { attempt, options }) {
    const began = process.hrtime.bigint() / 1000n
    await sleep(Number(options['wait'] ?? 0))
    const fields = [headers?.['task-id'], options['name'], partition, offset, attempt, 'ok', began]
    writeSync(file, `${fields.join(',')},${process.hrtime.bigint() / 1000n}\n`)
  },
})
