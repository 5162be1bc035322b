/** JSON Schemas of the API: they validate requests, shape answers, and make docs/openapi.json. */

export const topic = { type: 'string', pattern: '^[a-zA-Z0-9._-]{1,249}$' } as const
const partition = { type: 'integer', minimum: 0, maximum: 1_000_000 } as const
const offset = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const
const offsetOrNull = { ...offset, type: ['integer', 'null'] } as const
const moveId = { type: ['string', 'null'], maxLength: 64, pattern: '^[A-Za-z0-9_-]+$' } as const
const group = { type: 'string', minLength: 1, maxLength: 255 } as const
/** Partitions of a request at most. */
const maxItems = 10_000

export function object<Properties extends object>(
  properties: Properties,
  required: ReadonlyArray<keyof Properties> = [],
) {
  return { type: 'object', additionalProperties: false, required, properties } as const
}

const list = <Items extends object>(items: Items) => ({ type: 'array', items, maxItems }) as const

const place = { topic, partition }

const move = object(
  {
    ...place,
    offset,
    committed: { ...offsetOrNull, description: 'The offset that the plan was made for.' },
    move: { ...moveId, description: 'The last change by an operator that the plan was made for.' },
  },
  ['topic', 'partition', 'offset', 'committed', 'move'],
)

export const offsetsQuery = object({
  topic: {
    type: 'string',
    pattern: '^[a-zA-Z0-9._-]{1,249}(,[a-zA-Z0-9._-]{1,249}){0,99}$',
    description: 'Topics, separated by commas.',
  },
  group: { ...group, description: 'Default: the group of the service.' },
})

export const statusQuery = {
  ...object({
    own: {
      type: 'string',
      enum: ['true'],
      description: 'Only the partitions that this pod has; no other pod is asked.',
    },
  }),
  additionalProperties: true,
} as const

export const tapQuery = object({
  topic: { ...topic, description: 'Only records of this topic.' },
  handler: {
    type: 'string',
    minLength: 1,
    maxLength: 128,
    description: 'Only records that this handler is called with.',
  },
  filter: {
    type: 'string',
    maxLength: 4_000,
    description:
      'Only records with an event that passes: the JSON of `handlers[].filter`, without `addressesFile`.',
  },
})

export const putBody = object({
  group: { ...group, description: 'A group of this process. Default: that of the service.' },
  topics: { ...list(topic), description: 'Chosen topics; or `allTopics`.' },
  allTopics: { type: 'boolean', description: 'Every topic that the group has an offset of.' },
  partitions: { ...list(partition), description: 'Of the topics; or `allPartitions`.' },
  allPartitions: { type: 'boolean' },
  to: {
    type: 'string',
    maxLength: 300,
    description:
      '`BEGINNING`, `END`, an offset, `-1000`, an age (`2h`), ISO 8601 with a zone, `group:NAME`, or `before-replay`.',
  },
  offsets: {
    ...list(object({ ...place, offset, move: moveId }, ['topic', 'partition', 'offset'])),
    description: 'In place of `to`: what a plan file has.',
  },
  plan: {
    ...list(move),
    description: 'Applies these partitions of a plan. Excludes everything that chooses.',
  },
  allowSkip: { type: 'boolean', description: 'With `plan`: records may be passed by unhandled.' },
  deduplicate: { type: 'boolean', description: 'With `plan`: known duplicates stay out of it.' },
})

export const orderBody = object(
  {
    group,
    id: { type: 'string', minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9_-]+$' },
    moves: list(move),
    deduplicates: { type: 'boolean' },
    allowsSkip: { type: 'boolean' },
  },
  ['group', 'id', 'moves', 'deduplicates', 'allowsSkip'],
)

const replay = {
  ...object({ from: offset, to: offset, deduplicates: { type: 'boolean' } }),
  type: ['object', 'null'],
} as const

const table = {
  type: ['string', 'null'],
  description: 'The table of `offsets.postgres` that decides where partitions begin; null: Kafka.',
} as const

export const offsetsAnswer = object({
  group,
  members: { type: ['integer', 'null'] },
  table,
  partitions: list(
    object({
      ...place,
      low: offset,
      end: offset,
      committed: offsetOrNull,
      owner: { type: ['string', 'null'] },
      move: moveId,
      replay,
      skippedFrom: offsetOrNull,
    }),
  ),
})

const left = list(object({ ...place, reason: { type: 'string' } }))

const planAnswer = {
  members: { type: ['integer', 'null'] },
  table,
  partitions: list(
    object({
      ...place,
      committed: offsetOrNull,
      move: moveId,
      offset,
      replay: offset,
      skip: offset,
      deleted: offsetOrNull,
      beyond: offset,
      time: { type: ['integer', 'null'], description: 'Milliseconds since the epoch.' },
      owner: { type: ['string', 'null'] },
      seconds: { type: ['number', 'null'] },
    }),
  ),
  left,
} as const

const appliedAnswer = {
  id: { type: 'string' },
  applied: list(object({ ...place, before: offsetOrNull, offset })),
  refused: left,
  undo: object({
    group,
    at: { type: 'string' },
    partitions: list(object({ ...place, offset, move: moveId })),
  }),
} as const

/** Of a plan, or of what was applied. */
export const putAnswer = object({ group, ...planAnswer, ...appliedAnswer })

export const orderAnswer = object({
  answers: list(object({ ...place, before: offsetOrNull, reason: { type: ['string', 'null'] } })),
})

export const stateAnswer = { type: 'object', additionalProperties: true } as const

/** Server-Sent Events. */
export const tapAnswer = {
  type: 'string',
  description:
    'Events `open` (`seconds` until it ends, `hidesValues`), `record` (docs/page.md) and `end` (`reason`).',
} as const

/** The parts are described in docs/page.md. */
export const overviewAnswer = {
  ...object(
    {
      version: { const: 1 },
      at: { type: 'string', format: 'date-time' },
      sentence: object({
        name: { type: 'string' },
        level: { enum: ['ok', 'info', 'warning', 'critical'] },
        text: { type: 'string' },
        chapter: { type: ['string', 'null'] },
      }),
    },
    ['version', 'at', 'sentence'],
  ),
  additionalProperties: true,
} as const

/** Shared by all routes. */
export const problemSchema = {
  $id: 'Problem',
  ...object(
    {
      type: { type: 'string' },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string' },
      code: { type: 'string', description: 'Of docs/errors.md.' },
    },
    ['type', 'title', 'status', 'detail'],
  ),
} as const

export const problem = {
  description: 'What went wrong (RFC 9457).',
  content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } },
} as const
