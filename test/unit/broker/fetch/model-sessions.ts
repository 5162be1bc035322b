import { code, type FetchRequest } from '../../../../src/broker/protocol/index.ts'
import type { Random } from './model-log.ts'

export interface Wanted {
  readonly partition: number
  readonly leaderEpoch: number
  readonly offset: number
  readonly maxBytes: number
  /** As it was told last; -1: never. */
  told: number
}

interface Session {
  readonly id: number
  epoch: number
  readonly partitions: Map<number, Wanted>
}

/** What a request means on a broker: the code of an error, or what is to be fetched. */
export type Meaning =
  | { readonly error: number }
  | { readonly error: 0; readonly id: number; readonly isWhole: boolean; readonly wanted: Wanted[] }

/** The fetch sessions of one broker, as KIP-227 has them. Gives up one now and then. */
export class ModelSessions {
  readonly #sessions = new Map<number, Session>()
  readonly #random: Random
  #nextId = 1
  /** One in this many requests finds its session gone; 0: none. */
  losses = 0

  constructor(random: Random) {
    this.#random = random
  }

  get count(): number {
    return this.#sessions.size
  }

  read({ sessionId, sessionEpoch, topics, forgotten }: FetchRequest): Meaning {
    const named = (topics[0]?.partitions ?? []).map((each) => ({ ...each, told: -1 }))
    if (sessionEpoch <= 0) {
      this.#sessions.delete(sessionId)
      if (sessionEpoch < 0) return { error: 0, id: 0, isWhole: true, wanted: named }
      const id = this.#nextId++
      const partitions = new Map(named.map((each) => [each.partition, each]))
      this.#sessions.set(id, { id, epoch: 1, partitions })
      return { error: 0, id, isWhole: true, wanted: named }
    }
    if (this.losses > 0 && this.#random(this.losses) === 0) this.#sessions.delete(sessionId)
    const session = this.#sessions.get(sessionId)
    if (session === undefined) return { error: code.FETCH_SESSION_ID_NOT_FOUND }
    if (session.epoch !== sessionEpoch) return { error: code.INVALID_FETCH_SESSION_EPOCH }
    session.epoch += 1
    for (const each of named) {
      const told = session.partitions.get(each.partition)?.told ?? -1
      session.partitions.set(each.partition, { ...each, told })
    }
    // After what is added, as Kafka does it.
    for (const partition of forgotten[0]?.partitions ?? []) session.partitions.delete(partition)
    const wanted = [...session.partitions.values()]
    return { error: 0, id: sessionId, isWhole: false, wanted }
  }
}
