import { byTopic, code, type FetchRequest, type FetchResponse } from '../protocol/index.ts'
import type { FetchState } from './fetch-state.ts'

/** Asks for a session; with the id of another one, in its place. */
const FIRST_EPOCH = 0
const LAST_EPOCH = 2 ** 31 - 1

/** What a broker knows that we want of one partition. */
interface Sent {
  readonly topic: string
  readonly partition: number
  offset: number
  leaderEpoch: number
  maxBytes: number
  /** The request that it was last part of. */
  request: number
}

type Changes = Pick<FetchRequest, 'sessionId' | 'sessionEpoch' | 'topics' | 'forgotten'>

/**
 * A fetch session with one broker (KIP-227): it remembers what was asked for, so that a request
 * names only what is different from the one before, and an answer only where there is something
 * new. What an answer leaves out has nothing new at exactly the offset that was asked for last.
 */
export class FetchSession {
  #id = 0
  #epoch = FIRST_EPOCH
  #request = 0
  /** By the name of the partition: one that was taken away and came back is not forgotten again. */
  readonly #sent = new Map<string, Sent>()

  /** For these partitions, and no other. @param bytes of each, at most. */
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

  /** False: the broker knows no such session. The next request begins another one. */
  answered({ error, sessionId }: FetchResponse): boolean {
    if (error === code.FETCH_SESSION_ID_NOT_FOUND || error === code.INVALID_FETCH_SESSION_EPOCH) {
      // Only a session that is there can be put an end to.
      if (error === code.FETCH_SESSION_ID_NOT_FOUND) this.#id = 0
      this.#epoch = FIRST_EPOCH
      return false
    }
    if (error !== code.NONE) return true
    this.#id = sessionId
    // 0: it keeps none for us, as it has too many.
    if (sessionId === 0) this.#epoch = FIRST_EPOCH
    else this.#epoch = this.#epoch === LAST_EPOCH ? 1 : this.#epoch + 1
    return true
  }

  /** Whether the broker got the last request is not known. */
  lost(): void {
    this.#epoch = FIRST_EPOCH
  }

  /** null: the broker knows it as it is. */
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

  /** What is paused or gone: the broker would go on sending it. */
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
