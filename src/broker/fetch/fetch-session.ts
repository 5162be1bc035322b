import { byTopic, code, type FetchRequest, type FetchResponse } from '../protocol/index.ts'
import type { FetchState } from './fetch-state.ts'

/** Requests a new session. With the id of an existing one, replaces that. */
const FIRST_EPOCH = 0
const LAST_EPOCH = 2 ** 31 - 1

/** The last request for one partition, as the broker remembers it. */
interface Sent {
  readonly topic: string
  readonly partition: number
  offset: number
  leaderEpoch: number
  maxBytes: number
  /** Number of the last request that included it. */
  request: number
}

type Changes = Pick<FetchRequest, 'sessionId' | 'sessionEpoch' | 'topics' | 'forgotten'>

/**
 * A fetch session with one broker (KIP-227). The broker remembers the partitions, so a request
 * names only what has changed, and an answer only partitions with something new. A partition
 * missing from an answer has nothing new at the offset last requested.
 */
export class FetchSession {
  #id = 0
  #epoch = FIRST_EPOCH
  #request = 0
  /** By partition name, so that a partition that was removed and added again is not forgotten. */
  readonly #sent = new Map<string, Sent>()

  /** The next request for exactly these partitions. @param bytes max for each */
  next(states: readonly FetchState[], bytes: readonly number[]): Changes {
    this.#request += 1
    const isWhole = this.#epoch === FIRST_EPOCH
    if (isWhole) this.#sent.clear()
    const changed = states.flatMap((state, index) => this.#change(state, bytes[index] ?? 0) ?? [])
    return {
      sessionId: this.#id,
      sessionEpoch: this.#epoch,
      topics: byTopic(changed, (sent) => sent),
      forgotten: this.#forget(states.length),
    }
  }

  /** false: the broker does not know the session. The next request starts a new one. */
  answered({ error, sessionId }: FetchResponse): boolean {
    if (error === code.FETCH_SESSION_ID_NOT_FOUND || error === code.INVALID_FETCH_SESSION_EPOCH) {
      // A session that the broker has lost cannot be closed.
      if (error === code.FETCH_SESSION_ID_NOT_FOUND) this.#id = 0
      this.#epoch = FIRST_EPOCH
      return false
    }
    if (error !== code.NONE) return true
    this.#id = sessionId
    // 0: the broker keeps no session for us, because it has too many.
    if (sessionId === 0) this.#epoch = FIRST_EPOCH
    else this.#epoch = this.#epoch === LAST_EPOCH ? 1 : this.#epoch + 1
    return true
  }

  /** It is not known whether the broker received the last request. */
  lost(): void {
    this.#epoch = FIRST_EPOCH
  }

  /** null: unchanged since the last request. */
  #change({ name, topic, partition, position, leaderEpoch }: FetchState, maxBytes: number) {
    const sent = this.#sent.get(name)
    if (sent === undefined) {
      const request = this.#request
      const added: Sent = { topic, partition, offset: position, leaderEpoch, maxBytes, request }
      this.#sent.set(name, added)
      return added
    }
    sent.request = this.#request
    const isSame = sent.offset === position && sent.leaderEpoch === leaderEpoch
    if (isSame && sent.maxBytes === maxBytes) return null
    sent.offset = position
    sent.leaderEpoch = leaderEpoch
    sent.maxBytes = maxBytes
    return sent
  }

  /** Removes paused and removed partitions from the session, or the broker keeps sending them. */
  #forget(wanted: number): FetchRequest['forgotten'] {
    if (this.#sent.size === wanted) return []
    const gone: Sent[] = []
    for (const [name, sent] of this.#sent) {
      if (sent.request === this.#request) continue
      this.#sent.delete(name)
      gone.push(sent)
    }
    return byTopic(gone, ({ partition }) => partition)
  }
}
