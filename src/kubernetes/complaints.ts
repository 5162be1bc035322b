import { codeOf, messageOf } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'

export interface Complaints {
  /**
   * Does the work; what it rejects with is counted each time, and logged when it is news. Resolves
   * with whether it went well.
   */
  attempt(work: () => Promise<void>): Promise<boolean>
}

/**
 * Errors of something that is tried again every few seconds: one log line when an error begins or
 * becomes another one, and one when it is over.
 *
 * @param what Begins the log line: `Partition sync`.
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
        // Request numbers and times differ each time: not news.
        const sense = text.replaceAll(/\d+/g, '#')
        if (last !== sense) log.error({ event: 'kubernetes.failed', code }, `${what}: ${text}`)
        last = sense
        return false
      }
    },
  }
}
