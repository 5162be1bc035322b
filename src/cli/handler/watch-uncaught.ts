import type { createUncaught } from '../../app/uncaught.ts'
import type { OccError } from '../../kernel/errors.ts'

/** As in the service, an error that a handler did not await ends nothing, and is logged. */
export function watchUncaught(decide: ReturnType<typeof createUncaught>) {
  let fatal: OccError | null = null
  let count = 0
  const on = (kind: 'rejection' | 'exception') => (error: unknown) => {
    count += 1
    fatal ??= decide(kind, error)
  }
  const onRejection = on('rejection')
  const onException = on('exception')
  process.on('unhandledRejection', onRejection)
  process.on('uncaughtException', onException)
  return {
    fatal: () => fatal,
    count: () => count,
    release() {
      process.off('unhandledRejection', onRejection)
      process.off('uncaughtException', onException)
    },
  }
}
