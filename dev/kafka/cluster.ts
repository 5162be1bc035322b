import { CodedError, OccError } from '../../src/kernel/errors.ts'
import { sleep } from '../../src/kernel/lifecycle.ts'
import {
  countMoves,
  createTopic,
  electLeaders,
  type PartitionState,
  type Refusal,
  readCluster,
  startMoves,
} from './cluster-requests.ts'
import type { ClusterTopic, EmbeddedNode, KafkaCluster } from './cluster-types.ts'

const DEADLINE = 30_000
const PAUSE = 50

// Codes of Kafka's protocol (org.apache.kafka.common.protocol.Errors).
const NONE = 0
const TOPIC_ALREADY_EXISTS = 36
/** Preferred leader not available, election not needed. */
const NO_CHANGE: ReadonlySet<number> = new Set([80, 84])
/**
 * Topic unknown (to this node so far), leader or broker not available, timed out, network, not the
 * controller, stale broker epoch, broker not registered: a cluster that is recovering.
 */
const TRANSIENT: ReadonlySet<number> = new Set([3, 5, 7, 8, 13, 41, 77, 102])

export interface ClusterAdmin extends KafkaCluster {
  /** Resolves when every node knows every other one. */
  complete(): Promise<void>
}

export function createCluster(nodes: readonly EmbeddedNode[]): ClusterAdmin {
  /** Where partitions were moved to, by `topic-partition`. */
  const targets = new Map<string, readonly number[]>()
  const running = () => nodes.filter((node) => node.pid() !== undefined && !node.frozen())

  /** Asks the running nodes in turn until one has an answer other than "not now". */
  async function ask<T>(
    what: string,
    question: (address: string) => Promise<T>,
    refusalsOf: (answer: T) => readonly Refusal[] = () => [],
  ): Promise<T> {
    const end = performance.now() + DEADLINE
    for (let turn = 0; ; turn++) {
      const candidates = running()
      const node = candidates[turn % Math.max(candidates.length, 1)]
      let failure = new CodedError('OCC_KAFKA_NODE', `${what}: no node runs`, { retriable: true })
      try {
        if (node !== undefined) {
          const answer = await question(node.brokers.plaintext)
          const refusal = refusalsOf(answer).find(({ code }) => code !== NONE)
          if (refusal === undefined) return answer
          failure = refused(what, refusal)
        }
      } catch (error) {
        if (!(error instanceof OccError)) throw error
        failure = error
      }
      if (!failure.retriable || performance.now() > end) throw failure
      await sleep(PAUSE)
    }
  }

  async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + DEADLINE
    while (!(await condition())) {
      if (performance.now() > end) {
        throw new CodedError('OCC_KAFKA_CLUSTER', `waited in vain for ${what}`)
      }
      await sleep(PAUSE)
    }
  }

  /** Does not wait for a node that goes away meanwhile. */
  async function allRunning(holds: (address: string) => Promise<boolean>): Promise<boolean> {
    const answers = running().map((node) => holds(node.brokers.plaintext).catch(() => false))
    return (await Promise.all(answers)).every(Boolean)
  }

  async function describe(topic: string, id?: number): Promise<PartitionState[]> {
    const asked = nodes.find((node) => node.id === id)
    const { topics } = await ask(
      `the look at the topic ${topic}`,
      (address) => readCluster(asked?.brokers.plaintext ?? address, [topic]),
      (view) => view.topics.map(({ code }) => ({ code, about: topic })),
    )
    return topics.flatMap(({ partitions }) => partitions)
  }

  async function exists(topic: string): Promise<boolean> {
    const look = (address: string) => readCluster(address, [topic])
    const { topics } = await ask(`the look at the topic ${topic}`, look)
    return topics.some(({ code }) => code === NONE)
  }

  const runs = (id: number) => running().some((node) => node.id === id)

  /** Whether every running node sees this for every partition of the topics, or of all topics. */
  const allSee = (
    topics: readonly string[] | undefined,
    holds: (state: PartitionState, topic: string) => boolean,
  ) =>
    allRunning(async (address) => {
      const view = await readCluster(address, topics)
      return view.topics.every(
        ({ topic, code, partitions }) =>
          code === NONE && partitions.every((state) => holds(state, topic)),
      )
    })

  async function create(topic: string, options: ClusterTopic = {}): Promise<void> {
    const assignments = 'assignments' in options ? options.assignments : []
    const partitions = 'assignments' in options ? assignments.length : (options.partitions ?? 1)
    const factor = 'assignments' in options ? -1 : (options.factor ?? -1)
    const replicas = Math.min(...assignments.map(({ length }) => length), factorOr(factor))
    // With one of two replicas gone, a topic that requires two would refuse records.
    const minimum = replicas < 3 ? { 'min.insync.replicas': '1' } : {}
    const config = { ...minimum, ...options.config }
    const existed = await exists(topic)
    await ask(
      `the creation of the topic ${topic}`,
      (address) => createTopic(address, { topic, assignments, partitions, factor, config }),
      // An attempt whose answer was lost, here or between the nodes, may have created it.
      (refusals) => refusals.filter(({ code }) => code !== TOPIC_ALREADY_EXISTS || existed),
    )
    await until(`the leaders of the topic ${topic}`, () =>
      allSee([topic], ({ leader, replicas: all }) => leader >= 0 || !all.some(runs)),
    )
  }

  const factorOr = (factor: number) => (factor < 0 ? nodes.length : factor)

  return {
    createTopic: create,
    describe,
    async leaders(topic) {
      const partitions = await describe(topic)
      return new Map(partitions.map(({ partition, leader }) => [partition, leader]))
    },
    async movePartitions(moves) {
      await ask(
        'the move of partitions',
        (address) => startMoves(address, moves),
        (refusals) => refusals,
      )
      for (const { topic, partition, replicas } of moves) {
        targets.set(`${topic}-${partition}`, replicas)
      }
    },
    moved: () =>
      until('partitions on the move', async () => {
        const answer = await ask('the look at moves', countMoves, ({ refusal }) => [refusal])
        if (answer.topics > 0) return false
        return allSee(undefined, ({ partition, leader, replicas }, topic) => {
          const target = targets.get(`${topic}-${partition}`)
          return target === undefined || (isSame(target, replicas) && target.includes(leader))
        })
      }),
    async electPreferredLeaders(topic) {
      const numbers = topic === undefined ? [] : (await describe(topic)).map((it) => it.partition)
      await until('the preferred leaders', async () => {
        await ask(
          'the election of the preferred leaders',
          (address) => electLeaders(address, topic, numbers),
          (refusals) => refusals.filter(({ code }) => !NO_CHANGE.has(code)),
        )
        // A controller was frozen or a replica has to catch up: not final.
        return allSee(
          topic === undefined ? undefined : [topic],
          ({ leader, replicas: [preferred = -1] }) => leader === preferred || !runs(preferred),
        )
      })
    },
    complete: () =>
      until('every node to know the others', () =>
        allRunning(
          async (address) => (await readCluster(address, [])).nodes.length === nodes.length,
        ),
      ),
  }
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index])
}

function refused(what: string, { code, about }: Refusal): OccError {
  const message = `${what} was refused by Kafka (code ${code}): ${about}`
  return new CodedError('OCC_KAFKA_CLUSTER', message, { retriable: TRANSIENT.has(code) })
}
