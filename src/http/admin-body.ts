import type { PauseTarget } from '../kernel/pause-target.ts'

/** What can be paused. */
export interface AdminKnowledge {
  readonly topics: readonly string[]
  readonly handlers: readonly string[]
  /** Number of partitions; null: not known from the brokers yet. */
  partitionsOf(topic: string): number | null
}

/** The form of a request as JSON Schema; `targetOf` checks what a schema cannot express. */
export const bodySchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    topic: { type: 'string', minLength: 1, maxLength: 249 },
    partition: { type: 'integer', minimum: 0, maximum: 1_000_000 },
    handler: { type: 'string', minLength: 1, maxLength: 63 },
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
}

/** The schema violations as one sentence. */
export function describeViolations(violations: readonly Violation[]): string {
  const what = violations.map(({ instancePath, keyword, params }) => {
    const name = instancePath.slice(1)
    if (keyword === 'additionalProperties') {
      return `"${String(params['additionalProperty'])}" is not a known key`
    }
    const form = READABLE[name]
    return form === undefined ? 'the body is not a JSON object' : `"${name}" must be ${form}`
  })
  return `${[...new Set(what)].join('; ')}: ${FORM}`
}

interface Body {
  readonly topic?: string
  readonly partition?: number
  readonly handler?: string
}

/** The target, or the reason why there is none. 404: the name is unknown. */
export function targetOf(
  action: 'pause' | 'resume',
  { topic, partition, handler }: Body,
  { topics, handlers, partitionsOf }: AdminKnowledge,
): PauseTarget | { readonly status: 400 | 404; readonly error: string } {
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
