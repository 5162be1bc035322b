import { join } from 'node:path'
import type { EmbeddedNode } from '../cluster-types.ts'
import type { KafkaFiles } from '../java/class-path.ts'
import type { Java } from '../java/java.ts'
import type { KafkaOptions } from '../types.ts'
import type { FormatPlan } from './format.ts'
import type { ListenersPlan } from './listeners.ts'
import { createNode, type ManagedNode } from './node.ts'
import type { ServerPlan } from './server-properties.ts'

export interface NodesSetup {
  readonly java: Java
  readonly files: KafkaFiles
  readonly options: KafkaOptions
  readonly runFolder: string
}

/** What all nodes have in common. */
type CommonPlan = Pick<ServerPlan, 'certificates' | 'users' | 'authorizer' | 'overrides'>

export interface KafkaNodes {
  readonly first: EmbeddedNode
  readonly nodes: readonly EmbeddedNode[]
  prepare(
    plan: CommonPlan,
    listeners: readonly ListenersPlan[],
    format: (plan: FormatPlan) => Promise<string>,
  ): Promise<void>
  /** Starts them together: of three nodes, none is up before a second one is. */
  start(): Promise<void>
  stop(): Promise<void>
  kill(): Promise<void>
  exited(): Promise<void>
  end(): Promise<void>
  killNow(): void
}

export function createNodes(count: number, setup: NodesSetup): KafkaNodes {
  const { options, runFolder } = setup
  const ids = Array.from({ length: count }, (_, index) => index + 1)
  // Two controllers would be worse than one: the loss of either would end the quorum.
  const controllers = count === 2 ? [1] : ids
  const single = count === 1

  const create = (id: number): ManagedNode =>
    createNode({
      ...setup,
      id,
      options: single ? options : labelled(options, id),
      folder: single ? runFolder : join(runFolder, `node-${id}`),
      records: id === 1,
      hasQuorum: () => isQuorum(id),
    })
  const first = create(1)
  const managed = [first, ...ids.slice(1).map(create)]
  const nodes = managed.map(({ node }) => node)

  /**
   * A clean shutdown needs an answer of the controller: of the node itself, if it is the only one.
   */
  function isQuorum(leaving: number): boolean {
    const answering = nodes.filter(
      (node) =>
        controllers.includes(node.id) &&
        (node.id === leaving || (node.pid() !== undefined && !node.frozen())),
    )
    return answering.length > controllers.length / 2
  }

  const each = async (act: (node: EmbeddedNode) => Promise<void>) => {
    await Promise.all(nodes.map(act))
  }

  return {
    first: first.node,
    nodes,
    async prepare(plan, listeners, format) {
      const voters = controllers.map((id) => ({ id, port: listeners[id - 1]?.controllerPort ?? 0 }))
      const common = { ...plan, nodes: count, controllers: voters }
      const [firstListeners] = listeners
      const formatted = await format({ ...common, listeners: firstListeners?.listeners ?? [] })
      await Promise.all(
        managed.map((node, index) => {
          const own = listeners[index]
          if (own === undefined) throw new Error(`no listeners for node ${index + 1}`)
          return node.prepare(common, own, formatted)
        }),
      )
    },
    start: () => each((node) => node.start()),
    // One after the other, the last first: the remaining controllers approve each but the last.
    async stop() {
      for (const node of nodes.toReversed()) await node.stop()
    },
    kill: () => each((node) => node.kill()),
    exited: () => each((node) => node.exited()),
    // First the one that may record classes, while there is a quorum to approve its shutdown.
    async end() {
      await first.end()
      await Promise.all(managed.map((node) => node.end()))
    },
    killNow() {
      for (const node of managed) node.killNow()
    },
  }
}

function labelled(options: KafkaOptions, id: number): KafkaOptions {
  const { onLogLine } = options
  if (onLogLine === undefined) return options
  return { ...options, onLogLine: (line) => onLogLine(`[node ${id}] ${line}`) }
}
