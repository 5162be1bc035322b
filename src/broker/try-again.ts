import { OccError } from '../kernel/errors.ts'
import { sleep } from '../kernel/lifecycle.ts'
import { protocolType } from './errors.ts'
import { code, errorName } from './protocol/index.ts'

/** Errors that waiting cannot solve. */
const FINAL: ReadonlySet<string> = new Set(
  [
    code.UNKNOWN_TOPIC_OR_PARTITION,
    code.INVALID_TOPIC_EXCEPTION,
    code.TOPIC_AUTHORIZATION_FAILED,
  ].map(errorName),
)
/** Attempts, while a leader moves or a topic was just created. */
const ATTEMPTS = 40
const PAUSE = 300

/** Whether waiting may solve it. */
export function mayPass(error: unknown): boolean {
  return !FINAL.has(protocolType(error) ?? '')
}

/**
 * Does it again for as long as its error may pass by itself.
 * @param refresh before each retry
 * @param passes of errors that are not final anyway
 */
export async function tryAgain<T>(
  work: () => Promise<T>,
  refresh: () => Promise<unknown>,
  passes: (error: unknown) => boolean = mayPass,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      const isFinal = error instanceof OccError && !error.retriable
      if (isFinal || attempt === ATTEMPTS || !passes(error)) throw error
      await sleep(PAUSE)
      await refresh().catch(() => {})
    }
  }
}
