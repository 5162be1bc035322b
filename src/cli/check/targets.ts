import { createDeadLetterTarget } from '../../app/create-dead-letters.ts'
import { createSinks } from '../../app/create-sinks.ts'
import type { Config } from '../../config/types.ts'
import { systemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log.ts'
import { describeProblem } from '../run/failure.ts'

/**
 * Problems of the dead-letter target and the sinks, one line each. The service starts anyway;
 * records that need them wait.
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
