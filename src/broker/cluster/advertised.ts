import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { OccError } from '../../kernel/errors.ts'
import { formatAddress, type LinkTarget, parseAddress } from '../connection/address.ts'

/**
 * Brokers are reached by the names that they make known (`advertised.listeners`), not by those of
 * the configuration: the most common mistake of whoever sets up a Kafka. So what fails there is told
 * as that, and where no broker has a name that means anything here, no waiting helps.
 */
export class AdvertisedNames {
  readonly #configured: readonly string[]

  constructor(configured: readonly string[]) {
    this.#configured = configured
  }

  /** The error as it is to be told. Never rejects. @param all brokers of the cluster. */
  async explain(error: unknown, broker: LinkTarget, all: Iterable<LinkTarget>): Promise<unknown> {
    if (!(error instanceof OccError) || error.code !== 'OCC_BROKER_UNREACHABLE') return error
    const address = formatAddress(broker)
    // By the very name that the configuration has: it says nothing about that one.
    if (this.#configured.some((each) => formatAddress(parseAddress(each)) === address)) return error
    const known = `The brokers of ${this.#configured.join(', ')} answer, but make this one known as ${address}`
    const remedy =
      'Set advertised.listeners of the brokers to what their clients can reach, and kafka.brokers to ' +
      'a listener that is meant for clients like this one'
    if (await resolves(broker)) {
      return new OccError(
        error.code,
        `${error.message} (${known}. If nobody else is there: ${remedy}.)`,
        {
          cause: error,
          retriable: true,
        },
      )
    }
    const isHopeless = !(await Promise.all([...all].map(resolves))).includes(true)
    return new OccError(
      'OCC_BROKER_ADVERTISED',
      `${known}, a name that cannot be resolved here. ${remedy}, or make the name known here.`,
      { cause: error, retriable: !isHopeless },
    )
  }
}

/** A name server that does not answer says nothing about a name. */
async function resolves({ host }: LinkTarget): Promise<boolean> {
  if (isIP(host) !== 0) return true
  try {
    await lookup(host)
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOTFOUND')
  }
}
