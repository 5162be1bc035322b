import { mix, mixFraction } from './random.ts'
import type { PoisonKind } from './types.ts'

export interface Plan {
  readonly kind: 'good' | 'duplicate' | PoisonKind
  /** Index of the message's content: its own, or that of the good message it repeats. */
  readonly source: number
}

export interface PlanOptions {
  readonly duplicateShare: number
  readonly poisonShare: number
  readonly poisonKinds: readonly PoisonKind[]
}

/**
 * The kind of message `index`, as a pure function of salt and index: any message can be created
 * again without those before it, and duplicates need no memory.
 */
export function createPlanner(salt: number, options: PlanOptions): (index: number) => Plan {
  const { duplicateShare, poisonShare, poisonKinds } = options
  const roll = (index: number) => mixFraction(salt, index, 0x901)
  const rolledGood = (index: number) => roll(index) >= duplicateShare + poisonShare

  return (index) => {
    const rolled = roll(index)
    if (rolled < poisonShare) {
      const kind = poisonKinds[mix(salt, index, 0xbad) % poisonKinds.length]
      return { kind: kind ?? 'broken-json', source: index }
    }
    if (rolled < poisonShare + duplicateShare) {
      // Usually soon after the original, like a provider's retry; sometimes much later.
      const soon = mix(salt, index, 0xd01) % 5 !== 0
      const distance = 1 + (mix(salt, index, 0xd02) % (soon ? 64 : 4096))
      for (let source = Math.max(index - distance, 0); source >= 0; source--) {
        if (rolledGood(source)) return { kind: 'duplicate', source }
      }
      // No good message came before: this is the first of its content, so not a duplicate.
    }
    return { kind: 'good', source: index }
  }
}
