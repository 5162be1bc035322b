import { codeOf } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import { Repeats } from '../../kernel/time/repeats.ts'
import type { RegistryHooks } from './types.ts'

/** Lines a minute, because every schema that is waited for asks. */
const MAX_LINES = 1

/** Logs and counts that the registry does not answer, and that it does again. */
export function createRegistryLog(
  log: Log,
  clock: Clock,
  countError: (room: string, code: string) => void,
): RegistryHooks {
  const repeats = new Repeats(MAX_LINES)
  let since: number | null = null
  return {
    failed(error) {
      const now = clock.monotonic()
      since ??= now
      const code = codeOf(error)
      countError('decode', code)
      if (repeats.next('away', now) === null) return
      const seconds = Math.round((now - since) / 1000)
      log.error(
        { event: 'registry.away', code, seconds },
        `${error.message}. Partitions whose next record needs a schema of it wait; it is asked again and again. Logged once a minute.`,
      )
    },
    answered() {
      if (since === null) return
      const seconds = Math.round((clock.monotonic() - since) / 1000)
      since = null
      log.info(
        { event: 'registry.back', seconds },
        `The schema registry answers again, after ${seconds} s; the partitions continue`,
      )
    },
  }
}
