import type { Config } from '../config/types.ts'
import { createDeadLetterTarget } from '../dead-letters.ts'
import { createSinks } from '../emit-sinks.ts'
import { systemClock } from '../kernel/clock.ts'
import { codeOf, messageOf } from '../kernel/errors.ts'
import { silentLog } from '../kernel/log.ts'

/**
 * What is wrong with where dead letters and emitted values go, each in one line. The service starts
 * all the same, and makes the records wait that need them.
 */
export async function targetProblems(config: Config): Promise<readonly string[]> {
  const line = (error: unknown) => `${messageOf(error)} (${codeOf(error)})`
  const problems: string[] = []
  const target = createDeadLetterTarget(config, { clock: systemClock, log: silentLog })
  await target.check().catch((error) => problems.push(`Dead letters: ${line(error)}`))
  await target.close()
  const sinks = createSinks(config, silentLog)
  for (const { sink, error } of await sinks.check()) problems.push(`Sink ${sink}: ${line(error)}`)
  await sinks.close()
  return problems
}
