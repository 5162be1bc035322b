import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { OccError } from '../../kernel/errors.ts'
import { formatAddress, type LinkTarget, parseAddress } from '../connection/address.ts'

/**
 * Explains errors of advertised names. Clients reach brokers by the names they advertise
 * (`advertised.listeners`), not by those in the configuration; a wrong one is the most common
 * mistake in a Kafka setup. If no advertised name can be resolved here, waiting does not help.
 */
export class AdvertisedNames {
  readonly #configured: readonly string[]

  constructor(configured: readonly string[]) {
    this.#configured = configured
  }

  /** The error with its explanation. Never rejects. @param all brokers of the cluster */
  async explain(error: unknown, broker: LinkTarget, all: Iterable<LinkTarget>): Promise<unknown> {
    if (!(error instanceof OccError) || error.code !== 'OCC_BROKER_UNREACHABLE') return error
    const address = formatAddress(broker)
    // The address is a configured one, so advertised names are not the cause.
    if (this.#configured.some((each) => formatAddress(parseAddress(each)) === address)) return error
    const known = `The brokers of ${this.#configured.join(', ')} answer, but advertise this one as ${address}`
    const remedy =
      'Set advertised.listeners of the brokers to what their clients can reach, and kafka.brokers to ' +
      'a listener meant for clients like this one'
    if (await resolves(broker)) {
      return new OccError(
        error.code,
        `${error.message} (${known}. If that address is wrong: ${remedy}.)`,
        {
          cause: error,
          retriable: true,
        },
      )
    }
    const isHopeless = !(await Promise.all([...all].map(resolves))).includes(true)
    return new OccError(
      'OCC_BROKER_ADVERTISED',
      `${known}, a name that cannot be resolved here. ${remedy}, or make the name resolvable here.`,
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
