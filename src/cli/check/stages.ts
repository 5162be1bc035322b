import type { Problem } from '../../config/check/problems.ts'
import { isWithin } from '../../config/load/load.ts'

/** The parts of a check. Each runs, whatever the others found, unless it needs what is wrong. */
export interface Stages {
  /** Whether nothing was found so far, and everything was checked. */
  readonly areGood: boolean
  /** Names of the stages that could not run. */
  readonly skipped: readonly string[]
  /**
   * @param needs Keys or sections of the configuration, and names of stages whose result it needs.
   * @param work Its problems, one text each; each text is printed once.
   */
  run(name: string, needs: readonly string[], work: () => Promise<readonly string[]>): Promise<void>
  /** The stage has no result that others could use. */
  lost(name: string): void
}

/** Problems of what is not a key: the file, or a variable that is no key's. */
const OUTSIDE = /^(?:--config|OCC_CONFIG|the default file)$/

export function createStages(
  problems: readonly Problem[],
  print: (problem: string) => void,
): Stages {
  const wrong = problems.map(({ key }) => (key.startsWith('KAFKA_') ? 'kafka' : key))
  const isUnread = wrong.some((key) => OUTSIDE.test(key))
  const lost = new Set<string>()
  const skipped: string[] = []
  const printed = new Set<string>()

  const isMissing = (need: string) =>
    isUnread || lost.has(need) || wrong.some((key) => isWithin(key, need) || isWithin(need, key))

  return {
    get areGood() {
      return problems.length + printed.size + skipped.length === 0
    },
    skipped,
    async run(name, needs, work) {
      if (needs.some(isMissing)) {
        lost.add(name)
        skipped.push(name)
        return
      }
      for (const problem of await work()) {
        if (!printed.has(problem)) print(problem)
        printed.add(problem)
      }
    },
    lost: (name) => void lost.add(name),
  }
}
