import { openDeadLetterStore } from '../../src/app/sinks/create-dead-letters.ts'
import { bytesText } from '../../src/cli/dlq/text.ts'
import { table } from '../../src/cli/terminal/terminal.ts'
import type { Config } from '../../src/config/types.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { printable } from '../../src/kernel/text/printable.ts'
import { systemClock } from '../../src/kernel/time/clock.ts'
import { coordinates } from '../../src/sink/dead-letters/letter-id.ts'
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
  for await (const letter of lettersOf(config)) {
    const { record, errorType, errorMessage, attempts } = letter
    const text = bytesText(record.value).replaceAll(/\s+/g, ' ')
    const cut = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)} ...` : text
    return table([
      ['record', coordinates(letter)],
      ['error', errorType],
      ['message', printable(errorMessage)],
      ['attempts', String(attempts)],
      ['value', cut],
    ])
  }
  return null
}
