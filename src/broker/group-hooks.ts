import {
  consumerGroupPrototype,
  type KafkajsCluster,
  type KafkajsConsumerGroup,
} from './connection/kafkajs-internals.ts'

/**
 * What kafkajs has no callback for. Both joins are awaited by kafkajs's own loop:
 * - `beforeJoin`: the fetchers have stopped, the JoinGroup request is not out yet, so commits of
 *   the old generation are still accepted. This is the missing "on revoke".
 * - `afterJoin`: the assignment is known, nothing has been fetched. This is the missing "on assign".
 * - `outOfRange`: in place of kafkajs's silent reset to the default offset.
 * See docs/adr/0002-kafkajs-hooks.md for why this is a wrapper around two methods.
 */
export interface GroupHooks {
  beforeJoin(group: KafkajsConsumerGroup): Promise<void>
  afterJoin(group: KafkajsConsumerGroup): Promise<void>
  outOfRange(
    group: KafkajsConsumerGroup,
    partition: { topic: string; partition: number },
  ): Promise<void>
}

const hooksOf = new WeakMap<KafkajsCluster, GroupHooks>()
let installed = false

/** Ties the hooks to the consumer whose cluster this is (partition assigners are handed it). */
export function registerHooks(cluster: KafkajsCluster, hooks: GroupHooks): void {
  install()
  hooksOf.set(cluster, hooks)
}

function install(): void {
  if (installed) return
  installed = true
  const { joinAndSync, recoverFromOffsetOutOfRange } = consumerGroupPrototype

  consumerGroupPrototype.joinAndSync = async function () {
    const hooks = hooksOf.get(this.cluster)
    await hooks?.beforeJoin(this)
    await joinAndSync.call(this)
    await hooks?.afterJoin(this)
  }

  consumerGroupPrototype.recoverFromOffsetOutOfRange = async function (error) {
    const hooks = hooksOf.get(this.cluster)
    if (hooks === undefined) return recoverFromOffsetOutOfRange.call(this, error)
    await hooks.outOfRange(this, { topic: error.topic, partition: error.partition })
  }
}
