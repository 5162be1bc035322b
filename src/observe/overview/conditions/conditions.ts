import type { Condition, Level } from '../types.ts'
import { notes } from './notes.ts'
import { progress } from './progress.ts'
import type { Situation } from './situation.ts'
import { waits } from './waits.ts'
import { condition } from './words.ts'

const LEVELS: readonly Level[] = ['critical', 'warning', 'info', 'ok']

/**
 * What holds now. The sentence is what keeps records from being handled, else how they flow; the
 * notes are everything else, the worst first.
 */
export function conditionsOf(situation: Situation): {
  readonly sentence: Condition
  readonly notes: readonly Condition[]
} {
  const holding = [...waits, progress].flatMap((rule) => rule(situation) ?? [])
  const [sentence = condition('unknown', 'info', 'Not known yet', null), ...others] = holding
  const rest = [...others, ...notes.flatMap((rule) => rule(situation) ?? [])]
  return {
    sentence,
    notes: rest.toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level)),
  }
}
