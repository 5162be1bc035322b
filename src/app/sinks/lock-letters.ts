import { type GroupLock, lockGroup } from '../../broker/group/group-lock.ts'
import type { BrokerOptions } from '../../broker/types.ts'
import { codeOf } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'

/**
 * Keeps others from redriving or dropping letters of a topic of letters; null: another one does. A user
 * who may not use the group of the lock works without it, and is told.
 */
export async function lockLetters(
  broker: BrokerOptions,
  topic: string,
  log: Log,
  section: string,
): Promise<GroupLock | null> {
  const group = `${topic}:redrive`
  try {
    return await lockGroup(broker, group, log, section)
  } catch (error) {
    if (codeOf(error) !== 'OCC_GROUP_NOT_AUTHORIZED') throw error
    log.warn(
      { event: 'dead-letters.unlocked', topic, group },
      `Nothing keeps others from redriving or dropping letters of ${topic} at the same time, because this user may not use the group "${group}". Remedy: allow Read on it, or see to it that nobody does.`,
    )
    return { isHeld: async () => true, release: async () => {} }
  }
}
