// Emits each event once to the sink `db`. One call in `options.every` ends its worker thread before it has answered, and
// another one while what it emitted is being written; each only once, by a file in `options.folder`.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineHandler } from 'onchain-consumer'

/** False: it was so before, in this process or another. */
function isFirst(folder: unknown, name: string): boolean {
  try {
    writeFileSync(join(String(folder), name), '', { flag: 'wx' })
    return true
  } catch {
    return false
  }
}

export default defineHandler({
  name: 'dying',

  async handle({ events, record: { partition, offset } }, { emit, options: { every, folder } }) {
    for (const { id } of events) await emit('db', { id, partition, offset })
    const place = offset % Number(every)
    const when = place === 50 ? 'before' : place === 100 ? 'written' : null
    if (when === null || !isFirst(folder, `died-${when}-${partition}-${offset}`)) return
    if (when === 'before') process.exit(3)
    // Its transaction is under way by then.
    setTimeout(() => process.exit(3), 4)
  },
})
