import { openDeadLetterStore } from '../../src/app/create-dead-letters.ts'
import { bytesText } from '../../src/cli/dlq/text.ts'
import { table } from '../../src/cli/terminal/terminal.ts'
import type { Config } from '../../src/config/types.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { silentLog } from '../../src/kernel/log.ts'
import type { StoredLetter } from '../../src/sink/dead-letters/types.ts'

const MAX_SHOWN = 200

/** The dead letters that the service has kept. */
export async function* lettersOf(config: Config): AsyncGenerator<StoredLetter> {
  const store = await openDeadLetterStore(config, { clock: systemClock, log: silentLog })
  try {
    yield* store.list({})
  } finally {
    await store.close()
  }
}

/** Their location, and one of them in readable form; null: there is none. */
export async function letterShown(config: Config): Promise<string | null> {
  for await (const { record, errorType, errorMessage, attempts } of lettersOf(config)) {
    const { topic, partition, offset, value } = record
    const text = bytesText(value).replaceAll(/\s+/g, ' ')
    const cut = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)} ...` : text
    return table([
      ['record', `${topic}/${partition}/${offset}`],
      ['error', errorType],
      ['message', errorMessage],
      ['attempts', String(attempts)],
      ['value', cut],
    ])
  }
  return null
}
