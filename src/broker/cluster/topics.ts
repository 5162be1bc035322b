import type { OccError } from '../../kernel/errors.ts'
import { sleep } from '../../kernel/lifecycle.ts'
import type { Log } from '../../kernel/log.ts'
import { refusal } from '../group/refusals.ts'
import { code } from '../protocol/index.ts'
import { topicHint, withTopicHint } from '../topics/topic-hint.ts'
import type { MemberOptions } from '../types.ts'
import type { Metadata } from './metadata.ts'

const TOPIC_POLL = 2_000

/**
 * Checks that the configured topics exist and may be read. One that is not is reported and waited
 * for; at the first start, one that may not be read ends it.
 */
export class Topics {
  /** Topics that did not exist at first: all of their records are unread. */
  readonly madeLater = new Set<string>()
  readonly #options: MemberOptions
  readonly #metadata: Metadata
  readonly #log: Log
  readonly #reported = new Set<string>()
  /** What may have been meant instead of a missing topic. */
  readonly #hints = new Map<string, string>()
  #missing: string[] = []
  /** There was a topic to read. From then on one that may not be read does not stop the others. */
  #hasStarted = false

  constructor(options: MemberOptions, metadata: Metadata, log: Log) {
    this.#options = options
    this.#metadata = metadata
    this.#log = log
  }

  /** Names the missing topics, written for users; null: all exist. */
  get missing(): string | null {
    if (this.#missing.length === 0) return null
    const names = this.#missing.map((topic) => `"${topic}"`).join(', ')
    const hints = this.#missing.map((topic) => this.#hints.get(topic) ?? '').join('')
    const plural = this.#missing.length > 1
    return `the topic${plural ? 's' : ''} ${names} ${plural ? 'do' : 'does'} not exist on the brokers; waiting for ${plural ? 'them' : 'it'}.${hints}`.replace(
      /\.$/,
      '',
    )
  }

  /** Why one of the topics may not be read, written for users; null: all may be, or are missing. */
  get refused(): string | null {
    for (const topic of this.#options.topics) {
      const refused = this.#refusalOf(topic)
      if (refused !== null) return refused.message
    }
    return null
  }

  /** The metadata was refreshed. */
  look(): void {
    const { topics } = this.#options
    const unreported: string[] = []
    this.#missing = topics.filter((topic) => {
      const error = this.#metadata.topic(topic)?.error
      return error === code.UNKNOWN_TOPIC_OR_PARTITION
    })
    for (const topic of this.#missing) {
      this.madeLater.add(topic)
      if (this.#reported.has(topic)) continue
      this.#reported.add(topic)
      unreported.push(topic)
    }
    for (const topic of this.#reported) {
      if (this.#missing.includes(topic)) continue
      this.#reported.delete(topic)
      this.#hints.delete(topic)
    }
    if (unreported.length > 0) void this.#report(unreported)
  }

  /** Never rejects. */
  async #report(missing: readonly string[]): Promise<void> {
    const names = await this.#metadata.names()
    if (this.#metadata.isStopped) return
    for (const topic of missing) {
      const hint = topicHint(topic, names)
      if (this.#reported.has(topic)) this.#hints.set(topic, hint)
      this.#log.warn(
        { event: 'topic.missing', member: this.#options.name, topic },
        `The topic "${topic}" does not exist on the brokers; waiting for it. Check kafka.topics, or create it.${hint}`,
      )
    }
  }

  /** Resolves when at least one of them exists. @param failed may throw: then this rejects */
  async untilKnown(
    signal: AbortSignal,
    waiting: (missing: string) => void,
    failed: (error: unknown) => void,
  ): Promise<void> {
    await this.#metadata.untilKnown(failed, signal)
    while (!signal.aborted) {
      const isThere = (topic: string) => this.#metadata.partitionsOf(topic).length > 0
      const areThere = this.#options.topics.some(isThere)
      if (!areThere || !this.#hasStarted) await this.#throwRefusal()
      if (areThere) {
        this.#hasStarted = true
        return
      }
      if (this.missing !== null) waiting(this.missing)
      await sleep(TOPIC_POLL, signal)
      if (!signal.aborted) await this.#metadata.untilKnown(failed, signal)
    }
  }

  /** Brokers with ACLs say of a misspelled topic that it is not authorized. */
  async #throwRefusal(): Promise<void> {
    for (const topic of this.#options.topics) {
      const refused = this.#refusalOf(topic)
      if (refused !== null) throw withTopicHint(refused, topic, await this.#metadata.names())
    }
  }

  #refusalOf(topic: string): OccError | null {
    const error = this.#metadata.topic(topic)?.error ?? code.NONE
    const isRefused =
      error === code.TOPIC_AUTHORIZATION_FAILED || error === code.INVALID_TOPIC_EXCEPTION
    return isRefused ? refusal(error, `Consuming ${topic}`) : null
  }
}
