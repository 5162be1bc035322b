import { OccError } from '../../src/kernel/errors.ts'
import { sleep } from '../../src/kernel/lifecycle.ts'
import {
  countMoves,
  createTopic,
  electLeaders,
  type Refusal,
  readTopic,
  startMoves,
} from './cluster-requests.ts'
import type { ClusterTopic, EmbeddedNode, KafkaCluster } from './cluster-types.ts'

const DEADLINE = 30_000
const PAUSE = 50

// Codes of Kafka's protocol (org.apache.kafka.common.protocol.Errors).
const NONE = 0
const UNKNOWN_TOPIC_OR_PARTITION = 3
const TOPIC_ALREADY_EXISTS = 36
const PREFERRED_LEADER_NOT_AVAILABLE = 80
const ELECTION_NOT_NEEDED = 84
/**
 * Leader, broker or controller not available, timed out, not the controller, fenced or unknown
 * broker, stale epoch: all say that the cluster is about to find its order again.
 */
const TRANSIENT: ReadonlySet<number> = new Set([5, 7, 8, 13, 38, 41, 77, 102])

export interface ClusterAdmin extends KafkaCluster {
  /** Resolves when every node knows of every other one. */
  complete(): Promise<void>
}

export function createCluster(nodes: readonly EmbeddedNode[]): ClusterAdmin {
  const running = () => nodes.filter((node) => node.pid() !== undefined && !node.frozen())

  /** Asks one running node after the other until one has an answer that is not "not now". */
  async function ask<T>(
    what: string,
    question: (address: string) => Promise<T>,
    refusalsOf: (answer: T) => readonly Refusal[] = () => [],
  ): Promise<T> {
    const end = performance.now() + DEADLINE
    for (let turn = 0; ; turn++) {
      const candidates = running()
      const node = candidates[turn % Math.max(candidates.length, 1)]
      let failure = new OccError('OCC_KAFKA_NODE', `${what}: no node runs`, { retriable: true })
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
        throw new OccError('OCC_KAFKA_CLUSTER', `waited in vain for ${what}`)
      }
      await sleep(PAUSE)
    }
  }

  /** A node that goes meanwhile is not waited for. */
  async function allRunning(holds: (address: string) => Promise<boolean>): Promise<boolean> {
    const answers = running().map((node) => holds(node.brokers.plaintext).catch(() => false))
    return (await Promise.all(answers)).every(Boolean)
  }

  async function describe(topic: string, id?: number) {
    const asked = nodes.find((node) => node.id === id)
    const what = `the look at the topic ${topic}`
    const view = await ask(
      what,
      (address) => readTopic(asked?.brokers.plaintext ?? address, topic),
      ({ code }) => (code === UNKNOWN_TOPIC_OR_PARTITION ? [] : [{ code, about: topic }]),
    )
    if (view.code === NONE) return [...view.partitions]
    throw new OccError('OCC_KAFKA_CLUSTER', `${what}: there is no such topic`)
  }

  async function create(topic: string, options: ClusterTopic = {}): Promise<void> {
    const assignments = 'assignments' in options ? options.assignments : []
    const partitions = 'assignments' in options ? assignments.length : (options.partitions ?? 1)
    const factor = 'assignments' in options ? -1 : (options.factor ?? -1)
    const replicas = Math.min(...assignments.map(({ length }) => length), factorOr(factor))
    // With one of two replicas gone, a topic that demands two would take no records any more.
    const minimum = replicas < 3 ? { 'min.insync.replicas': '1' } : {}
    const config = { ...minimum, ...options.config }
    let attempts = 0
    await ask(
      `the creation of the topic ${topic}`,
      (address) => {
        attempts++
        return createTopic(address, { topic, assignments, partitions, factor, config })
      },
      // A first attempt whose answer was lost may have made it.
      (refusals) => refusals.filter(({ code }) => code !== TOPIC_ALREADY_EXISTS || attempts === 1),
    )
    const runs = (id: number) => running().some((node) => node.id === id)
    await until(`the leaders of the topic ${topic}`, () =>
      allRunning(async (address) => {
        const { partitions: known } = await readTopic(address, topic)
        const led = known.filter(({ leader, replicas: all }) => leader >= 0 || !all.some(runs))
        return led.length === partitions
      }),
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
    },
    moved: () =>
      until('partitions on the move', async () => {
        const answer = await ask('the look at moves', countMoves, ({ refusal }) => [refusal])
        return answer.topics === 0
      }),
    async electPreferredLeaders(topic) {
      const partitions = topic === undefined ? [] : await describe(topic)
      const numbers = partitions.map(({ partition }) => partition)
      await ask(
        'the election of the preferred leaders',
        (address) => electLeaders(address, topic, numbers),
        (refusals) => {
          const unavailable =
            running().length === nodes.length ? [] : [PREFERRED_LEADER_NOT_AVAILABLE]
          const fine = [ELECTION_NOT_NEEDED, ...unavailable]
          return refusals.filter(({ code }) => !fine.includes(code))
        },
      )
    },
    complete: () =>
      until('every node to know the others', () =>
        allRunning(async (address) => (await readTopic(address)).nodes.length === nodes.length),
      ),
  }
}

function refused(what: string, { code, about }: Refusal): OccError {
  const retriable = TRANSIENT.has(code) || code === PREFERRED_LEADER_NOT_AVAILABLE
  const message = `${what} was refused by Kafka (code ${code}): ${about}`
  return new OccError('OCC_KAFKA_CLUSTER', message, { retriable })
}
