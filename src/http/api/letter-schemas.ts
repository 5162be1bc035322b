/** JSON Schemas of the routes below /dead-letters. */
import { object, topic } from './schemas.ts'

const count = { type: 'integer', minimum: 0 } as const
const text = { type: 'string' } as const
const textOrNull = { type: ['string', 'null'] } as const
const time = { type: 'string', format: 'date-time' } as const
const timeOrNull = { type: ['string', 'null'], format: 'date-time' } as const

const choice = {
  errorType: {
    type: 'string',
    minLength: 1,
    maxLength: 200,
    description: 'Such as `OCC_HANDLER`.',
  },
  handler: {
    type: ['string', 'null'],
    maxLength: 1000,
    description: 'As `GET /dead-letters` names it; null: letters that name none.',
  },
  topic: { ...topic, description: 'The original topic.' },
  until: {
    ...time,
    maxLength: 40,
    description: 'Only letters that failed before: that of the dry run, to do what it said.',
  },
  all: { type: 'boolean', description: 'Every letter, in place of the three above.' },
  dryRun: {
    type: 'boolean',
    default: true,
    description: 'True (the default): only says what would be done.',
  },
} as const

export const letterBodies = {
  redrive: object({
    ...choice,
    recordsPerSecond: {
      type: 'number',
      minimum: 0.01,
      maximum: 1_000_000,
      description: 'Default: no limit.',
    },
    resend: {
      type: 'boolean',
      description: 'Also letters that a redrive which ended early may have sent.',
    },
    maxRedrives: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      description: 'Letters that were redriven so often stay. Default: 3.',
    },
  }),
  drop: object(choice),
} as const

export const lettersAnswer = object({
  at: time,
  places: { type: 'array', items: object({ name: text, exists: { type: 'boolean' } }) },
  letters: count,
  others: { ...count, description: 'Letters of other groups in the same place.' },
  cut: { ...textOrNull, description: 'Why the figures are not exact; null: they are.' },
  kinds: {
    type: 'array',
    items: object({
      errorType: text,
      handler: textOrNull,
      topic: text,
      letters: count,
      first: time,
      last: time,
      sample: object({ id: text, place: text, message: text }),
    }),
  },
  more: { ...count, description: 'Letters of kinds beyond the most frequent 500.' },
})

const plan = object({
  until: time,
  wanted: { ...count, description: 'Would be redriven, or dropped.' },
  tooOften: { ...count, description: 'Stay: redriven too often.' },
  uncertain: { ...count, description: 'Stay: they may have been sent; see `resend`.' },
  batches: { ...count, description: 'Stay: damaged batches are no records.' },
  others: { ...count, description: 'Stay: of other groups.' },
})

const work = {
  ...object({
    action: { enum: ['redrive', 'drop'] },
    state: { enum: ['running', 'done', 'cancelled', 'failed'] },
    by: text,
    choice: object({
      errorType: text,
      handler: textOrNull,
      topic: text,
      until: time,
    }),
    startedAt: time,
    endedAt: timeOrNull,
    wanted: count,
    done: { ...count, description: 'So far, the refused ones included.' },
    refused: { ...count, description: 'They stay; known at the end.' },
    reasons: { type: 'array', items: object({ reason: text, letters: count, id: text }) },
    error: { ...object({ code: text, detail: text }), type: ['object', 'null'] },
  }),
  type: ['object', 'null'],
} as const

/** Of a dry run, or of what is under way. */
export const letterAnswer = object({ plan, work })

export const workAnswer = object({ work })
