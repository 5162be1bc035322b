import type { Applied, OffsetsControl } from '../../group/offsets/control.ts'
import type { OffsetPlan } from '../../group/offsets/plan.ts'
import { targetText } from '../../group/offsets/target.ts'
import type { GroupOffsets } from '../../group/offsets/types.ts'
import { CodedError, messageOf, OccError } from '../../kernel/errors.ts'
import { tokenOf, urlsOf } from '../admin/request.ts'
import { usageError } from '../arguments.ts'

/** Milliseconds. Partitions are drained one beside the other, and may wait for a rebalance. */
const TIMEOUT = 120_000

/** The offsets of a running service, through one of its pods. */
export function remoteOffsets(
  url: string,
  tokenFile: string | undefined,
  group: string | undefined,
): OffsetsControl {
  const [address, ...others] = urlsOf(url)
  if (address === undefined || others.length > 0) {
    throw usageError('--url names several pods; name one: it passes the change on to the others')
  }
  const token = tokenOf(tokenFile)
  const ofGroup = group === undefined ? {} : { group }

  async function send<Answer>(method: 'GET' | 'PUT', path: string, body?: object): Promise<Answer> {
    const authorization = `Bearer ${token}`
    const type = body === undefined ? {} : { 'content-type': 'application/json' }
    let response: Response
    let text: string
    try {
      response = await fetch(new URL(path, address), {
        method,
        headers: { authorization, ...type },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        // A redirect would carry the token elsewhere.
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT),
      })
      text = await response.text()
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
      const why = `${address?.origin} does not answer: ${messageOf(cause)}; does the service listen there (http.port)?`
      throw new OccError('OCC_ADMIN_UNREACHABLE', why, { cause: error })
    }
    const answer = parse(text)
    if (response.ok) return answer as Answer
    const { detail, code } = answer
    if (typeof code === 'string' && code.startsWith('OCC_')) {
      throw new CodedError(code as `OCC_${string}`, String(detail))
    }
    const said = typeof detail === 'string' ? detail : 'this is not onchain-consumer'
    throw new OccError(
      'OCC_ADMIN_REFUSED',
      `${address?.origin} answers ${response.status}: ${said}`,
    )
  }

  return {
    read(topics) {
      const query = new URLSearchParams({ ...ofGroup, ...(topics && { topic: topics.join() }) })
      return send<GroupOffsets & { readonly group: string }>('GET', `/api/v1/offsets?${query}`)
    },
    plan({ topics, partitions }, target) {
      const isFile = target.kind === 'offsets'
      const chosen =
        topics === null
          ? isFile
            ? {}
            : { allTopics: true }
          : { topics, ...(partitions === null ? { allPartitions: true } : { partitions }) }
      const to = isFile ? { offsets: target.offsets } : { to: targetText(target) }
      return send<OffsetPlan>('PUT', '/api/v1/offsets', { ...ofGroup, ...chosen, ...to })
    },
    apply({ partitions, allowsSkip, deduplicates }) {
      const plan = partitions.map(({ topic, partition, offset, committed, move }) => ({
        ...{ topic, partition, offset, committed, move },
      }))
      const how = { allowSkip: allowsSkip, deduplicate: deduplicates }
      return send<Applied>('PUT', '/api/v1/offsets', { ...ofGroup, plan, ...how })
    },
    async close() {},
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? { ...body } : {}
  } catch {
    return {}
  }
}
