import { OccError } from '../../kernel/errors.ts'
import { type Api, type ApiVersionRange, errorName } from '../protocol/index.ts'

/** The versions that a broker supports, by API key. */
export type OfferedVersions = ReadonlyMap<number, ApiVersionRange>

/** @throws OccError OCC_BROKER if the broker does not report them */
export function offeredVersions(
  address: string,
  { error, apis }: { readonly error: number; readonly apis: readonly ApiVersionRange[] },
): OfferedVersions {
  if (error === 0) return new Map(apis.map((range) => [range.key, range]))
  throw new OccError(
    'OCC_BROKER',
    `The broker ${address} does not report its API versions: ${errorName(error)}`,
    { retriable: true },
  )
}

/**
 * The highest version that both sides support.
 * @throws OccError OCC_BROKER_TOO_OLD if there is none
 */
export function chooseVersion(
  api: Pick<Api<never, unknown>, 'key' | 'name' | 'versions'>,
  offered: OfferedVersions,
  address: string,
): number {
  const range = offered.get(api.key)
  const chosen = api.versions.findLast(
    (version) => range !== undefined && range.min <= version && version <= range.max,
  )
  if (chosen !== undefined) return chosen
  const has = range === undefined ? 'does not have it' : `has versions ${range.min} to ${range.max}`
  throw new OccError(
    'OCC_BROKER_TOO_OLD',
    `The broker ${address} cannot be used: ${api.name} version ` +
      `${api.versions.join(' or ')} is needed, and it ${has}. Kafka 2.4 or newer is needed, or a ` +
      'broker that speaks its protocol',
  )
}
