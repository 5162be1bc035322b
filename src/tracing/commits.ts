import { type Link, ROOT_CONTEXT, type SpanContext, SpanKind } from 'opentelemetry-api'
import type { OffsetToCommit } from '../broker/types.ts'
import type { CommitTarget } from '../commit/committer.ts'
import type { TopicPartition } from '../kernel/shapes/record.ts'
import type { EndedCall } from '../kernel/tracing.ts'
import * as names from './attributes.ts'
import type { Sampler } from './sampler.ts'
import { fail, type SpanMaker } from './sdk.ts'

interface Awaited extends TopicPartition {
  /** Of its last record. */
  readonly last: number
  readonly span: SpanContext
}

export interface CommitTracing {
  /** The commit of its records will be traced. */
  awaits(call: EndedCall, span: SpanContext): void
  /** Commits as `target`, in spans. */
  traced(target: CommitTarget): CommitTarget
}

/**
 * Spans `commit`: of each commit that finishes a traced call, with links to those calls; of each that
 * fails; and of one in so many of the others.
 */
export function createCommitTracing(
  group: string,
  tracer: SpanMaker,
  sampler: Sampler,
): CommitTracing {
  /** Traced calls that no commit has passed yet; the newest. */
  let awaited: Awaited[] = []

  function open(offsets: readonly OffsetToCommit[], links: Link[], startTime?: number) {
    const topics = [...new Set(offsets.map(({ topic }) => topic))]
    const [topic] = topics
    return tracer.startSpan(
      'commit',
      {
        kind: SpanKind.CLIENT,
        links,
        attributes: {
          [names.SYSTEM]: 'kafka',
          [names.OPERATION_NAME]: 'commit',
          [names.OPERATION_TYPE]: 'settle',
          [names.GROUP]: group,
          [names.PARTITIONS]: offsets.length,
          ...(topics.length === 1 && { [names.DESTINATION]: topic }),
        },
        ...(startTime !== undefined && { startTime }),
      },
      ROOT_CONTEXT,
    )
  }

  return {
    awaits({ record: { topic, partition }, lastOffset: last }, span) {
      if (awaited.length >= names.MAX_LINKS) awaited.shift()
      awaited.push({ topic, partition, last, span })
    },
    traced: (target) => ({
      async commit(offsets) {
        const covered = awaited.filter((call) => offsets.some((offset) => covers(offset, call)))
        const links = covered.map(({ span }) => ({ context: span }))
        const isTraced = links.length > 0 || sampler.picks()
        const started = Date.now()
        let span = isTraced ? open(offsets, links) : null
        try {
          await target.commit(offsets)
          awaited = awaited.filter((call) => !covered.includes(call))
        } catch (error) {
          if (span === null && sampler.allows()) span = open(offsets, [], started)
          if (span !== null) fail(span, error)
          throw error
        } finally {
          span?.end()
        }
      },
    }),
  }
}

function covers(offset: OffsetToCommit, call: Awaited): boolean {
  const isSame = offset.topic === call.topic && offset.partition === call.partition
  return isSame && call.last < offset.offset
}
