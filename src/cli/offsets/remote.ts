import type { Applied, OffsetsControl } from '../../group/offsets/control.ts'
import type { OffsetPlan } from '../../group/offsets/plan.ts'
import { targetText } from '../../group/offsets/target.ts'
import type { GroupOffsets } from '../../group/offsets/types.ts'
import { CodedError, OccError } from '../../kernel/errors.ts'
import { usageError } from '../arguments.ts'
import type { Service } from '../service/reach.ts'
import { fieldsIn, send } from '../service/request.ts'

/** Milliseconds. Partitions are drained one beside the other, and may wait for a rebalance. */
const TIMEOUT = 120_000

/** The offsets of a running service, through one of its pods. */
export function remoteOffsets(
  [service, ...others]: readonly Service[],
  token: string,
  group: string | undefined,
): OffsetsControl {
  if (service === undefined || others.length > 0) {
    throw usageError('--url names several pods; name one: it passes the change on to the others')
  }
  const { name, url: address } = service
  const ofGroup = group === undefined ? {} : { group }

  async function ask<Answer>(method: 'GET' | 'PUT', path: string, body?: object): Promise<Answer> {
    const asked = { method, token, body }
    const { ok, status, text } = await send(new URL(path, address), `${name} `, asked, TIMEOUT)
    const answer = fieldsIn(text)
    if (ok) return answer as Answer
    const { detail, code } = answer
    if (typeof code === 'string' && code.startsWith('OCC_')) {
      throw new CodedError(code as `OCC_${string}`, String(detail))
    }
    const said = typeof detail === 'string' ? detail : 'this is not onchain-consumer'
    throw new OccError('OCC_ADMIN_REFUSED', `${name} answers ${status}: ${said}`)
  }

  return {
    read(topics) {
      const query = new URLSearchParams({ ...ofGroup, ...(topics && { topic: topics.join() }) })
      return ask<GroupOffsets & { readonly group: string }>('GET', `/api/v1/offsets?${query}`)
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
      return ask<OffsetPlan>('PUT', '/api/v1/offsets', { ...ofGroup, ...chosen, ...to })
    },
    apply({ partitions, allowsSkip, deduplicates }) {
      const plan = partitions.map(({ topic, partition, offset, committed, move }) => ({
        ...{ topic, partition, offset, committed, move },
      }))
      const how = { allowSkip: allowsSkip, deduplicate: deduplicates }
      return ask<Applied>('PUT', '/api/v1/offsets', { ...ofGroup, plan, ...how })
    },
    async close() {},
  }
}
