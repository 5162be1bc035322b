import type { PauseOrder } from '../group/pauses/types.ts'
import type { PauseTarget } from '../kernel/shapes/pause-target.ts'
import { parseDuration } from '../kernel/text/units.ts'
import { readZonedTime } from '../kernel/text/zoned-time.ts'

/** What can be paused. */
export interface AdminKnowledge {
  /** What is paused already. */
  readonly pauses: readonly PauseTarget[]
  readonly topics: readonly string[]
  readonly handlers: readonly string[]
  /** Number of partitions; null: not known from the brokers yet. */
  partitionsOf(topic: string): number | null
}

const target = {
  topic: { type: 'string', minLength: 1, maxLength: 249 },
  partition: { type: 'integer', minimum: 0, maximum: 1_000_000 },
  handler: { type: 'string', minLength: 1, maxLength: 63 },
} as const

const reason = {
  type: 'string',
  minLength: 1,
  maxLength: 200,
  pattern: '^[^\\x00-\\x1f\\x7f]+$',
  description: 'For the log, `/lag` and `status`. Everybody who may reach the service can read it.',
} as const

/** The form of a request as JSON Schema; `orderOf` checks what a schema cannot express. */
export const bodySchemas = {
  pause: {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...target,
      for: {
        type: 'string',
        pattern: '^[1-9][0-9]{0,7}[smhd]$',
        description: 'How long, from now on by the clock of this pod: `90s`, `30m`, `12h`, `7d`.',
      },
      until: {
        type: 'string',
        maxLength: 40,
        description: 'When it ends, in place of `for`: ISO 8601 with a zone.',
      },
      reason,
    },
  },
  resume: {
    type: 'object',
    additionalProperties: false,
    properties: { ...target, reason },
  },
} as const

export const FORM =
  'send {"topic": "..."}, {"topic": "...", "partition": 0} or {"handler": "..."} as application/json'

interface Violation {
  readonly instancePath: string
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
}

const READABLE: Readonly<Record<string, string>> = {
  topic: 'text of 1 to 249 characters',
  partition: 'an integer from 0',
  handler: 'text of 1 to 63 characters',
  for: 'a time such as 30m, with the unit s, m, h or d',
  until: 'a time of ISO 8601 with a zone',
  reason: 'text of 1 to 200 characters, on one line',
}

/** A violation of the schema as a sentence. */
export function describeViolation({ instancePath, keyword, params }: Violation): string {
  if (keyword === 'additionalProperties') {
    return `"${String(params['additionalProperty'])}" is not a known key: ${FORM}`
  }
  const name = instancePath.slice(1)
  const form = READABLE[name]
  const what = form === undefined ? 'the body is not a JSON object' : `"${name}" must be ${form}`
  return `${what}: ${FORM}`
}

export interface PauseBody {
  readonly topic?: string
  readonly partition?: number
  readonly handler?: string
  readonly for?: string
  readonly until?: string
  readonly reason?: string
}

/** Why a request is refused. 404: the name is unknown. */
interface Refused {
  readonly status: 400 | 404
  readonly error: string
}

/** What is asked for, or the reason why it is refused. @param now milliseconds since the epoch */
export function orderOf(
  action: 'pause' | 'resume',
  body: PauseBody,
  knows: AdminKnowledge,
  now: number,
): Omit<PauseOrder, 'by'> | Refused {
  const found = targetOf(action, body, action === 'pause' ? knows : withPaused(knows))
  if ('status' in found) return found
  const until = endOf(body, now)
  if (typeof until === 'string') return { status: 400, error: until }
  return { target: found, until, reason: body.reason ?? null }
}

const MAX_DAYS = 366

/** Milliseconds since the epoch; null: without an end. A text says what is wrong. */
function endOf({ for: length, until }: PauseBody, now: number): number | null | string {
  if (length !== undefined && until !== undefined) return '"for" and "until" exclude each other'
  const end = length === undefined ? timeOf(until) : now + (parseDuration(length) ?? 0)
  if (end === null) return null
  if (typeof end === 'string') return `"until" is ${JSON.stringify(until)}: ${end}`
  if (end <= now) return `"until" is ${JSON.stringify(until)}, which is over already`
  if (end - now <= MAX_DAYS * 86_400_000) return end
  return `a pause of more than ${MAX_DAYS} days: leave its end out, and resume it some day`
}

function timeOf(until: string | undefined): number | null | string {
  if (until === undefined) return null
  const time = readZonedTime(until)
  if (time === 'no zone') return 'it has no time zone; end it with Z, or with one such as +02:00'
  return typeof time === 'number' ? time : 'write a time such as 2026-01-31T12:00:00Z'
}

/** What is not consumed here any more can still be resumed. */
function withPaused({ topics, handlers, ...knows }: AdminKnowledge): AdminKnowledge {
  return {
    ...knows,
    topics: [...topics, ...knows.pauses.flatMap((each) => ('topic' in each ? each.topic : []))],
    handlers: [
      ...handlers,
      ...knows.pauses.flatMap((each) => ('handler' in each ? each.handler : [])),
    ],
  }
}

/** The target, or the reason why there is none. */
function targetOf(
  action: 'pause' | 'resume',
  { topic, partition, handler }: PauseBody,
  { topics, handlers, partitionsOf }: AdminKnowledge,
): PauseTarget | Refused {
  if ((topic === undefined) === (handler === undefined)) {
    const what =
      topic === undefined ? 'neither "topic" nor "handler"' : 'both "topic" and "handler"'
    return { status: 400, error: `the body has ${what}: ${FORM}` }
  }
  if (handler !== undefined) {
    if (partition !== undefined) {
      return { status: 400, error: `"partition" belongs to a topic, not to a handler: ${FORM}` }
    }
    if (handlers.includes(handler)) return { handler }
    return { status: 404, error: `there is no handler "${handler}"${oneOf(handlers)}` }
  }
  if (topic === undefined || !topics.includes(topic)) {
    return { status: 404, error: `the topic "${topic}" is not consumed here${oneOf(topics)}` }
  }
  if (partition === undefined) return { topic }
  const partitions = partitionsOf(topic)
  // A recreated topic may have fewer partitions: those paused before can still be resumed.
  if (action === 'pause' && partitions !== null && partition >= partitions) {
    const range = partitions === 0 ? 'none' : partitions === 1 ? 'only 0' : `0 to ${partitions - 1}`
    return {
      status: 404,
      error: `the topic "${topic}" has no partition ${partition}; it has ${range}`,
    }
  }
  return { topic, partition }
}

function oneOf(names: readonly string[]): string {
  return names.length === 0 ? '; there are none' : `; there is ${names.join(', ')}`
}
