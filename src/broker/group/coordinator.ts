import type { Clock } from '../../kernel/clock.ts'
import { OccError } from '../../kernel/errors.ts'
import type { Links } from '../cluster/links.ts'
import { type Api, code, errorName, findCoordinatorApi } from '../protocol/index.ts'
import { refusal } from './refusals.ts'

/** Says that this broker is not, or not yet, the group's coordinator: another one is looked for. */
const NOT_THE_COORDINATOR: ReadonlySet<number> = new Set([
  code.NOT_COORDINATOR,
  code.COORDINATOR_NOT_AVAILABLE,
])

/** Milliseconds; a broker that does not answer is not waited for as long as for a fetch. */
const FIND_TIMEOUT = 5_000

/** The broker that keeps the group: which one, and when it was last heard of. */
export class Coordinator {
  readonly #links: Links
  readonly #groupId: string
  readonly #clock: Clock
  #node: number | null = null
  #finding: Promise<number> | null = null
  /** Monotonic milliseconds of its last answer. */
  heardAt: number
  /** Why its last answer did not come; null: it came. */
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
   * Sends a request to the coordinator, found anew where it is not known. An answer with any error
   * code is an answer; `moved` has to be told of those that it returns true for.
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
      if (error instanceof OccError) this.problem = error
      // Whether it is away or only this connection: asking who it is answers that.
      this.forget(node)
      throw error
    }
  }

  /** Whether an error code means that the coordinator is another one now; then it is forgotten. */
  hasMoved(error: number): boolean {
    if (!NOT_THE_COORDINATOR.has(error)) return false
    this.forget(this.#node)
    return true
  }

  /** @throws OccError OCC_COORDINATOR_UNAVAILABLE where the group has another one, or none yet. */
  throwIfAway(error: number): void {
    if (!this.hasMoved(error) && error !== code.COORDINATOR_LOAD_IN_PROGRESS) return
    throw new OccError(
      'OCC_COORDINATOR_UNAVAILABLE',
      `The coordinator of the group "${this.#groupId}" is moving, or loads the group (${errorName(error)}).`,
      { retriable: true },
    )
  }

  /** Whoever waits on its connections is rejected, and it is looked for again. */
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
          `${link.address} knows no coordinator of the group "${groupId}" now.`,
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
