import { createDeadLetterTarget } from '../../app/create-dead-letters.ts'
import { createSinks } from '../../app/create-sinks.ts'
import type { Config } from '../../config/types.ts'
import { systemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log.ts'
import { describeProblem } from '../run/failure.ts'

/**
 * What is wrong with where dead letters and emitted values go, each in one line. The service starts
 * all the same, and makes the records wait that need them.
 */
export async function targetProblems(config: Config): Promise<readonly string[]> {
  const problems: string[] = []
  const target = createDeadLetterTarget(config, { clock: systemClock, log: silentLog })
  await target.check().catch((error) => problems.push(`Dead letters: ${describeProblem(error)}`))
  await target.close()
  const sinks = createSinks(config, silentLog)
  for (const { sink, error } of await sinks.check())
    problems.push(`Sink ${sink}: ${describeProblem(error)}`)
  await sinks.close()
  return problems
}
