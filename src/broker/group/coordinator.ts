import { OccError } from '../../kernel/errors.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import type { Links } from '../cluster/links.ts'
import { type Api, code, errorName, findCoordinatorApi } from '../protocol/index.ts'
import { refusal } from './refusals.ts'

/** This broker is not, or not yet, the group's coordinator: look for it again. */
const NOT_THE_COORDINATOR: ReadonlySet<number> = new Set([
  code.NOT_COORDINATOR,
  code.COORDINATOR_NOT_AVAILABLE,
])

/** Milliseconds. Shorter than for a fetch, so that a hanging broker costs little time. */
const FIND_TIMEOUT = 5_000

/** The broker that coordinates the group, and when it last answered. */
export class Coordinator {
  readonly #links: Links
  readonly #groupId: string
  readonly #clock: Clock
  #node: number | null = null
  #finding: Promise<number> | null = null
  /** Monotonic milliseconds of its last answer. */
  heardAt: number
  /** Why the last request failed; null: it was answered. */
  problem: OccError | null = null

  constructor(links: Links, groupId: string, clock: Clock) {
    this.#links = links
    this.#groupId = groupId
    this.#clock = clock
    this.heardAt = clock.monotonic()
  }

  get node(): number | null {
    return this.#node
  }

  /**
   * Sends a request to the coordinator, and finds it first if it is not known. An answer with an
   * error code resolves: callers pass the code to `hasMoved` or `throwIfAway`.
   */
  async send<Request, Response>(
    api: Api<Request, Response>,
    request: Request,
    purpose: 'join' | 'group',
    timeout: number,
  ): Promise<Response> {
    const node = this.#node ?? (await this.#find())
    try {
      const response = await this.#links.get(node, purpose).send(api, request, timeout)
      this.heardAt = this.#clock.monotonic()
      this.problem = null
      return response
    } catch (error) {
      // The broker may be away, or only this connection: finding the coordinator again tells.
      this.forget(node)
      // It was closed with another one to this broker, because of what failed there.
      const isClosed = error instanceof OccError && error.code === 'OCC_LINK_CLOSED'
      if (isClosed && this.problem !== null) throw this.problem
      if (error instanceof OccError) this.problem = error
      throw error
    }
  }

  /**
   * Whether the error code means that the coordinator is another broker now. If so, it is
   * forgotten.
   */
  hasMoved(error: number): boolean {
    if (!NOT_THE_COORDINATOR.has(error)) return false
    this.forget(this.#node)
    return true
  }

  /** @throws OccError OCC_COORDINATOR_UNAVAILABLE if the coordinator has moved or is not ready */
  throwIfAway(error: number): void {
    if (!this.hasMoved(error) && error !== code.COORDINATOR_LOAD_IN_PROGRESS) return
    throw new OccError(
      'OCC_COORDINATOR_UNAVAILABLE',
      `The coordinator of the group "${this.#groupId}" is moving or loading the group (${errorName(error)}).`,
      { retriable: true },
    )
  }

  /** Rejects the requests on its connections; the next request looks for the coordinator again. */
  forget(node: number | null): void {
    if (node === null || this.#node !== node) return
    this.#node = null
    this.#links.dropOne(node, 'join')
    this.#links.dropOne(node, 'group')
  }

  #find(): Promise<number> {
    this.#finding ??= this.#ask()
      .catch((error) => {
        if (error instanceof OccError) this.problem = error
        throw error
      })
      .finally(() => {
        this.#finding = null
      })
    return this.#finding
  }

  async #ask(): Promise<number> {
    const groupId = this.#groupId
    const answer = await this.#links.ask(async (link) => {
      const found = await link.send(findCoordinatorApi, { groupId }, FIND_TIMEOUT)
      if (found.error === code.COORDINATOR_NOT_AVAILABLE) {
        throw new OccError(
          'OCC_COORDINATOR_UNAVAILABLE',
          `${link.address} does not know the coordinator of the group "${groupId}" yet.`,
          { retriable: true },
        )
      }
      return found
    })
    if (answer.error !== code.NONE) {
      throw refusal(answer.error, `Looking for the coordinator of the group "${groupId}"`)
    }
    const { id, host, port } = answer
    if (!this.#links.brokers.has(id)) {
      this.#links.setBrokers([...this.#links.brokers.values(), { id, host, port }])
    }
    this.#node = id
    return id
  }
}
