import { OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { parseAddress } from '../connection/address.ts'
import { type Link, type LinkTarget, openLink } from '../connection/link.ts'
import type { BrokerOptions } from '../types.ts'
import { AdvertisedNames } from './advertised.ts'

/**
 * The purpose of a connection. A broker answers the requests of a connection in order, so requests
 * that may wait are kept apart from those that may not:
 * - `fetch`: fetches, which wait for records;
 * - `join`: JoinGroup and SyncGroup, which wait for the other members;
 * - `group`: heartbeats, commits and committed offsets;
 * - `control`: metadata and offsets of partitions.
 */
export type LinkPurpose = 'fetch' | 'join' | 'group' | 'control'

export interface BrokerAddress extends LinkTarget {
  readonly id: number
}

/** The connections of one member: one per broker and purpose, opened on first use. */
export class Links {
  readonly #options: BrokerOptions
  readonly #log: Log
  readonly #section: string
  readonly #links = new Map<string, Link>()
  readonly #bootstrap = new Map<string, Link>()
  #brokers: ReadonlyMap<number, BrokerAddress> = new Map()
  readonly #advertised: AdvertisedNames
  #turn = 0
  #isClosed = false

  /** @param section the configuration section of the options, for remedies in errors */
  constructor(options: BrokerOptions, log: Log, section = 'kafka') {
    this.#options = options
    this.#log = log
    this.#section = section
    this.#advertised = new AdvertisedNames(options.brokers)
  }

  get brokers(): ReadonlyMap<number, BrokerAddress> {
    return this.#brokers
  }

  /** Brokers of the newest metadata. Connections to a broker whose address changed are dropped. */
  setBrokers(brokers: readonly BrokerAddress[]): void {
    const known = new Map(brokers.map((broker) => [broker.id, broker]))
    for (const [id, { host, port }] of this.#brokers) {
      const now = known.get(id)
      if (now === undefined || now.host !== host || now.port !== port) this.drop(id)
    }
    this.#brokers = known
  }

  /** @throws OccError OCC_BROKER_UNKNOWN (retriable): the metadata does not contain the broker */
  get(node: number, purpose: LinkPurpose): Link {
    const name = `${purpose} ${node}`
    const found = this.#links.get(name)
    if (found?.isOpen) return found
    const link = this.fresh(node)
    this.#links.set(name, link)
    return link
  }

  /** A connection that is not shared: the caller closes it. */
  fresh(node: number): Link {
    const broker = this.#brokers.get(node)
    if (broker === undefined) {
      throw new OccError('OCC_BROKER_UNKNOWN', `The cluster has no broker ${node} at present.`, {
        retriable: true,
      })
    }
    return explaining(this.#open(broker), (error) =>
      this.#advertised.explain(error, broker, this.#brokers.values()),
    )
  }

  /** Closes the connection of one purpose to a broker; its requests in flight are rejected. */
  dropOne(node: number, purpose: LinkPurpose): void {
    const name = `${purpose} ${node}`
    this.#links.get(name)?.close()
    this.#links.delete(name)
  }

  drop(node: number): void {
    for (const purpose of ['fetch', 'join', 'group', 'control'] as const) {
      this.dropOne(node, purpose)
    }
  }

  /**
   * Asks one broker after another until one answers: those of the metadata in turn, connected ones
   * first, then the configured addresses. Rejects with the last error.
   */
  async ask<T>(question: (link: Link) => Promise<T>): Promise<T> {
    let problem: unknown
    for (const link of this.#candidates()) {
      try {
        return await question(link())
      } catch (error) {
        problem = error
        // Configured addresses are tried as well: they say more about a mistake than an advertised
        // one.
        const isAnotherName = error instanceof OccError && error.code === 'OCC_BROKER_ADVERTISED'
        if (error instanceof OccError && !error.retriable && !isAnotherName) throw error
      }
    }
    throw problem
  }

  close(): void {
    this.#isClosed = true
    for (const link of [...this.#links.values(), ...this.#bootstrap.values()]) link.close()
    this.#links.clear()
    this.#bootstrap.clear()
  }

  #candidates(): Array<() => Link> {
    this.#turn += 1
    const nodes = [...this.#brokers.keys()]
    const turned = nodes.map((_, index) => nodes[(index + this.#turn) % nodes.length] ?? 0)
    const isConnected = (node: number) => this.#links.get(`control ${node}`)?.isOpen === true
    const ordered = [...turned.filter(isConnected), ...turned.filter((node) => !isConnected(node))]
    return [
      ...ordered.map((node) => () => this.get(node, 'control')),
      ...this.#options.brokers.map((address) => () => this.#bootstrapLink(address)),
    ]
  }

  #bootstrapLink(address: string): Link {
    const found = this.#bootstrap.get(address)
    if (found?.isOpen) return found
    const link = this.#open(parseAddress(address))
    this.#bootstrap.set(address, link)
    return link
  }

  #open(target: LinkTarget): Link {
    const link = openLink(target, this.#options, this.#log, this.#section)
    if (this.#isClosed) link.close()
    return link
  }
}

/** A link whose errors are explained first. */
function explaining(link: Link, explain: (error: unknown) => Promise<unknown>): Link {
  return {
    address: link.address,
    get isOpen() {
      return link.isOpen
    },
    send: (api, request, timeout) =>
      link.send(api, request, timeout).catch(async (error) => {
        throw await explain(error)
      }),
    close: () => link.close(),
  }
}
