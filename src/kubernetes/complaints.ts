import { codeOf, messageOf } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'

export interface Complaints {
  /**
   * Runs `work`. A rejection is counted each time and logged when it is new. Resolves with whether
   * the work succeeded.
   */
  attempt(work: () => Promise<void>): Promise<boolean>
}

/**
 * Reports errors of work that is retried every few seconds: one log line when an error begins or
 * changes, and one when it is over.
 *
 * @param what Start of the log line: `Partition sync`.
 */
export function createComplaints(
  what: string,
  log: Log,
  countError: (code: string) => void,
): Complaints {
  let last: string | null = null
  return {
    async attempt(work) {
      try {
        await work()
        if (last !== null) log.info({ event: 'kubernetes.recovered' }, `${what}: works again`)
        last = null
        return true
      } catch (error) {
        const code = codeOf(error)
        countError(code)
        const text = messageOf(error)
        // Request numbers and times differ each time and do not make an error new.
        const sense = text.replaceAll(/\d+/g, '#')
        if (last !== sense) log.error({ event: 'kubernetes.failed', code }, `${what}: ${text}`)
        last = sense
        return false
      }
    },
  }
}
