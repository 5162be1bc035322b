import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { PlanTarget } from '../../group/offsets/control.ts'
import type { FiledOffset } from '../../group/offsets/plan-file.ts'
import type { Selection } from '../../group/offsets/selection.ts'
import type { LiveMove, MoveOrder } from '../../group/offsets/types.ts'
import type { Log } from '../../kernel/log.ts'
import { partitionName } from '../../kernel/shapes/record.ts'
import type { Authorization } from '../authorization.ts'
import { sendProblem } from '../problem.ts'
import { offsetsQuery, orderBody, putBody } from './schemas.ts'
import type { OffsetsApi } from './types.ts'

export interface OffsetRoutesParts {
  readonly offsets: OffsetsApi
  readonly authorization: Authorization
  readonly log: Log
  /** The document's part of a route. */
  described(id: string): object
}

/** Bytes: some thousands of partitions. */
const BODY_LIMIT = 1024 * 1024

interface PutBody {
  readonly group?: string
  readonly topics?: readonly string[]
  readonly allTopics?: boolean
  readonly partitions?: readonly number[]
  readonly allPartitions?: boolean
  readonly to?: string
  readonly offsets?: readonly FiledOffset[]
  readonly plan?: readonly LiveMove[]
  readonly allowSkip?: boolean
  readonly deduplicate?: boolean
}

/** The table of offsets: read, planned and changed, through any pod. */
export function addOffsetRoutes(scope: FastifyInstance, parts: OffsetRoutesParts): void {
  const { offsets, authorization, log, described } = parts

  scope.get<{ Querystring: { topic?: string; group?: string } }>(
    '/offsets',
    { schema: { ...described('offsets'), querystring: offsetsQuery } },
    async ({ query }, reply) => {
      const group = groupOf(offsets, query.group)
      if (group === null) return unknownGroup(reply, offsets)
      const topics = query.topic?.split(',').filter((name) => name !== '') ?? null
      const state = await offsets.withControl(group, (control) => control.read(topics))
      return reply.send(state)
    },
  )

  scope.put<{ Body: PutBody }>(
    '/offsets',
    { bodyLimit: BODY_LIMIT, schema: { ...described('putOffsets'), body: putBody } },
    async (request, reply) => {
      const { body } = request
      const group = groupOf(offsets, body.group)
      if (group === null) return unknownGroup(reply, offsets)
      if (body.plan !== undefined) return apply(group, body.plan, request, reply)
      const chosen = choiceOf(body, offsets)
      if (typeof chosen === 'string') return sendProblem(reply, 400, chosen)
      const { selection, target } = chosen
      return reply.send(
        await offsets.withControl(group, (control) => control.plan(selection, target)),
      )
    },
  )

  scope.post<{ Body: MoveOrder }>(
    '/offsets/moves',
    { bodyLimit: BODY_LIMIT, schema: { ...described('moveOffsets'), body: orderBody } },
    async (request, reply) => {
      const { body } = request
      if (groupOf(offsets, body.group) === null) return unknownGroup(reply, offsets)
      const answers = await offsets.move(body)
      const moved = answers.filter(({ reason }) => reason === null)
      if (moved.length > 0) audit(request, body.group, body.id, moved, body.moves)
      return reply.send({ answers })
    },
  )

  async function apply(
    group: string,
    partitions: readonly LiveMove[],
    request: FastifyRequest<{ Body: PutBody }>,
    reply: FastifyReply,
  ) {
    const { allowSkip = false, deduplicate = false, plan: _, group: __, ...others } = request.body
    const [other] = Object.keys(others)
    if (other !== undefined) {
      return sendProblem(reply, 400, `"plan" and "${other}" exclude each other: send one`)
    }
    if (partitions.length === 0) return sendProblem(reply, 400, '"plan" names no partition')
    const order = { partitions, allowsSkip: allowSkip, deduplicates: deduplicate }
    const applied = await offsets.withControl(group, (control) => control.apply(order))
    audit(request, group, applied.id, applied.applied, partitions, applied.refused.length)
    return reply.send({ group, ...applied })
  }

  /** One line for each change: who, what, before, after. */
  function audit(
    request: FastifyRequest,
    group: string,
    id: string,
    changed: ReadonlyArray<{ topic: string; partition: number; before: number | null }>,
    wanted: readonly LiveMove[],
    refused = 0,
  ): void {
    const offsetsWanted = new Map(wanted.map((each) => [partitionName(each), each.offset]))
    const changes = changed.map(({ topic, partition, before }) => {
      const after = offsetsWanted.get(partitionName({ topic, partition })) ?? null
      return { topic, partition, before, after }
    })
    const who = authorization.who(request)
    const fields = { who, address: request.ip, group, id, changes, refused }
    log.warn(
      { event: 'admin.offsets-set', ...fields },
      `An operator (${who}) has set the offsets of ${changes.length} partitions of ${group}`,
    )
  }
}

/** null: it is none of this process. */
function groupOf({ groups }: OffsetsApi, wanted: string | undefined): string | null {
  if (wanted === undefined) return groups[0] ?? null
  return groups.includes(wanted) ? wanted : null
}

function unknownGroup(reply: FastifyReply, { groups }: OffsetsApi) {
  return sendProblem(reply, 404, `this is none of the groups here; there is ${groups.join(', ')}`)
}

function choiceOf(
  body: PutBody,
  offsets: OffsetsApi,
): { readonly selection: Selection; readonly target: PlanTarget } | string {
  const { topics, allTopics = false, partitions, allPartitions = false, to } = body
  if (body.allowSkip !== undefined || body.deduplicate !== undefined) {
    return '"allowSkip" and "deduplicate" belong to "plan": first ask for the plan, then send it'
  }
  if ((to === undefined) === (body.offsets === undefined)) {
    return 'send either "to" or "offsets", or "plan" to apply one'
  }
  const target: PlanTarget | string =
    body.offsets !== undefined
      ? { kind: 'offsets', of: '"offsets"', offsets: body.offsets }
      : offsets.target(to ?? '')
  if (typeof target === 'string') return `"to": ${target}`
  const isOpen = topics === undefined && !allTopics && partitions === undefined && !allPartitions
  if (isOpen && target.kind === 'offsets') {
    return { selection: { topics: null, partitions: null }, target }
  }
  if ((topics === undefined) === !allTopics) return 'choose either "topics" or "allTopics"'
  if (allTopics) {
    if (partitions !== undefined) return '"partitions" belongs to "topics"'
    return { selection: { topics: null, partitions: null }, target }
  }
  if ((partitions === undefined) === !allPartitions) {
    return 'choose either "partitions" or "allPartitions"'
  }
  const selection = { topics: topics ?? [], partitions: partitions ?? null }
  return { selection, target }
}
