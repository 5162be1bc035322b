import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '../../../src/kernel/errors.ts'
import type { EmbeddedNode } from '../cluster-types.ts'
import { damageBatch } from '../damage/damage.ts'
import type { KafkaFiles } from '../java/class-path.ts'
import type { Java } from '../java/java.ts'
import { createRestartableBroker } from '../restartable-broker.ts'
import type { KafkaOptions } from '../types.ts'
import { copyFormat } from './format.ts'
import type { ListenersPlan } from './listeners.ts'
import { type ServerPlan, serverProperties } from './server-properties.ts'

export interface NodeSetup {
  readonly id: number
  readonly java: Java
  readonly files: KafkaFiles
  readonly options: KafkaOptions
  /** The node's own folder. */
  readonly folder: string
  /** The folder of all nodes, removed once this process is gone. */
  readonly runFolder: string
  /** Whether it may record the class archive for later starts: one node per run suffices. */
  readonly records: boolean
  /** Whether enough controllers, including this node, answer for a clean shutdown. */
  readonly hasQuorum: () => boolean
}

export interface ManagedNode {
  readonly node: EmbeddedNode
  readonly records: boolean
  /** Creates its configuration and an empty, formatted data folder. */
  prepare(
    plan: Omit<ServerPlan, 'nodeId' | 'dataFolder' | 'listeners'>,
    listeners: ListenersPlan,
    format: string,
  ): Promise<void>
  /** The final shutdown, as in RestartableBroker. */
  end(): Promise<void>
  killNow(): void
}

export function createNode(setup: NodeSetup): ManagedNode {
  const { id, folder, hasQuorum } = setup
  const config = join(folder, 'server.properties')
  const dataFolder = join(folder, 'data')
  const broker = createRestartableBroker({ ...setup, config })
  let listeners: ListenersPlan | undefined
  let frozenPid: number | undefined

  const frozen = () => frozenPid !== undefined && frozenPid === broker.pid()

  function thaw(): void {
    if (frozen()) process.kill(frozenPid ?? 0, 'SIGCONT')
    frozenPid = undefined
  }

  async function stop(): Promise<void> {
    if (!hasQuorum()) return broker.kill()
    thaw() // a process stopped by SIGSTOP does not handle SIGTERM
    await broker.stop()
  }

  const node: EmbeddedNode = {
    id,
    get brokers() {
      if (listeners === undefined) throw new Error(`node ${id} was not prepared`)
      return listeners.brokers
    },
    dataFolder,
    pid: broker.pid,
    exited: broker.exited,
    frozen,
    stop,
    kill: broker.kill,
    async start() {
      thaw()
      await broker.start()
    },
    freeze() {
      const pid = broker.pid()
      if (pid === undefined) {
        throw new CodedError('OCC_KAFKA_NODE', `node ${id} cannot be frozen: it does not run`)
      }
      process.kill(pid, 'SIGSTOP')
      frozenPid = pid
    },
    thaw,
    damage: (topic, partition, damage) => damageBatch(dataFolder, topic, partition, damage),
  }

  return {
    node,
    records: setup.records,
    async prepare(plan, chosen, format) {
      listeners = chosen
      const whole = { ...plan, nodeId: id, dataFolder, listeners: chosen.listeners }
      await rm(dataFolder, { recursive: true, force: true })
      await mkdir(join(folder, 'tmp'), { recursive: true })
      await Promise.all([
        writeFile(config, serverProperties(whole), { mode: 0o600 }),
        copyFormat(format, whole),
      ])
    },
    end: () => (broker.recording() && hasQuorum() ? stop() : broker.kill()),
    killNow: broker.killNow,
  }
}
