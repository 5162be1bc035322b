import * as z from 'zod'
import { parseBytes, parseDuration } from '../../kernel/text/units.ts'

/**
 * How a value is written: decides how environment variables are converted and documents printed.
 */
export type Kind =
  | 'text'
  | 'list'
  | 'integer'
  | 'boolean'
  | 'duration'
  | 'bytes'
  | 'choice'
  | 'file'
  | 'rules'
  | 'map'

/** The `.meta()` of every setting; catalog.ts reads it. */
export interface About {
  /** One or two sentences for the generated documents. */
  readonly description: string
  /** Conventional name of its environment variable. Default: `OCC_` and the path. */
  readonly env?: string
  /** For documents and remedies, where the default is not a good example. */
  readonly example?: unknown
  /** A change in the file takes effect at once; that of any other key at the next start. */
  readonly live?: boolean
}

/** What is wrong with a value, as a clause, and what to do about it. */
export type Complaint = readonly [message: string, remedy: string]

/** A section: unknown keys in it are errors, and it may be left out. */
export function section<Shape extends z.core.$ZodLooseShape>(description: string, shape: Shape) {
  return z.strictObject(shape).meta({ description })
}

/** A key with a default. */
export function setting<Schema extends z.ZodType>(
  schema: Schema,
  about: About & { readonly default: z.core.util.NoUndefined<z.core.input<Schema>> },
) {
  const { default: initial, ...rest } = about
  return z.prefault(schema, initial).meta({ ...schema.meta(), ...rest })
}

/** A key that may be absent. */
export function optional<Schema extends z.ZodType>(schema: Schema, about: About) {
  return schema.optional().meta({ ...schema.meta(), ...about })
}

/** A key that is required. */
export function required<Schema extends z.ZodType>(schema: Schema, about: About) {
  return schema.meta({ ...schema.meta(), ...about, required: true })
}

/** @param missing inside a map or a list: the remedy when the key is missing. */
export function text(missing?: string) {
  return string(missing).meta({ kind: 'text', form: 'text' })
}

/** The error of a missing key is its remedy: issues.ts relies on that. */
function string(missing: string | undefined) {
  const error = ({ input }: { input?: unknown }) => (input === undefined ? missing : undefined)
  return z.string({ error }).min(1)
}

/** Path of a file; load/resolve.ts says where a relative one begins. @param missing as for `text` */
export function file(missing?: string) {
  return checked(string(missing), (value) => {
    if (!value.includes('-----BEGIN') && !value.includes('\n')) return undefined
    return ['holds the content of a file', 'write the path of the file that holds it']
  }).meta({ kind: 'file', form: 'path of a file' })
}

/** `a, b or c`. */
export function either(words: readonly string[]): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`
}

export function choice<const Options extends readonly [string, ...string[]]>(options: Options) {
  return z.enum(options).meta({ kind: 'choice', form: `one of ${options.join(', ')}` })
}

export function integer(minimum: number, maximum?: number) {
  const schema = z.int().min(minimum)
  const form = maximum === undefined ? `${minimum} or more` : `${minimum} to ${maximum}`
  return (maximum === undefined ? schema : schema.max(maximum)).meta({
    kind: 'integer',
    form: `integer, ${form}`,
  })
}

/** `true` or `false`; text too, because environment variables have no other type. */
export function boolean() {
  return z
    .union([z.boolean(), z.enum(['true', 'false'])])
    .transform((value) => value === true || value === 'true')
    .meta({ kind: 'boolean', form: 'true or false' })
}

/** Milliseconds; written as a number, or as `45s`, `5m`, `500ms`. */
export function duration(minimum: string, maximum: string) {
  return quantity('duration', 'write a duration such as 500ms, 45s or 5m', parseDuration, {
    minimum,
    maximum,
  })
}

/** Bytes; written as a number, or as `8MiB`, `1MB`, `64Ki`. @param because reason for the range */
export function bytes(minimum: string, maximum: string, because?: string) {
  return quantity('bytes', 'write a size such as 8MiB or 1MB', parseBytes, {
    minimum,
    maximum,
    because,
  })
}

function quantity(
  kind: Kind,
  remedy: string,
  parse: (value: number | string) => number | undefined,
  range: { minimum: string; maximum: string; because?: string | undefined },
) {
  const { minimum, maximum, because } = range
  const noun = kind === 'bytes' ? 'size' : kind
  const least = parse(minimum) ?? 0
  const most = parse(maximum) ?? 0
  const form = `${minimum} to ${maximum}`
  const outOfRange = because === undefined ? 'is out of range' : `is out of range: ${because}`
  return z
    .union([z.number(), z.string()])
    .transform((value, context) => {
      const parsed = parse(value)
      if (parsed !== undefined && parsed >= least && parsed <= most) return parsed
      const message = parsed === undefined ? `is not a ${noun}` : outOfRange
      context.addIssue({
        code: 'custom',
        message,
        input: value,
        params: { remedy: parsed === undefined ? remedy : `write a value of ${form}` },
      })
      return z.NEVER
    })
    .meta({ kind, form: `${noun}, ${form}` })
}

const TWICE: Complaint = ['is named twice', 'name it once']

/** A list, or one string with commas. Each item is checked, and none may be repeated. */
export function list(of: string, check: (item: string) => Complaint | undefined, least: 0 | 1 = 1) {
  return z
    .union([z.array(z.string()), z.string()])
    .transform((value, context) => {
      const parts = typeof value === 'string' ? value.split(',') : value
      const items = parts.map((item) => item.trim()).filter((item) => item !== '')
      const reject = (message: string, remedy: string, index?: number) =>
        context.addIssue({
          code: 'custom',
          message,
          input: index === undefined ? value : items[index],
          path: index === undefined ? [] : [index],
          params: { remedy },
        })
      if (items.length < least) reject('is empty', `name at least one of the ${of}`)
      items.forEach((item, index) => {
        const isRepeated = items.indexOf(item) < index
        const complaint = isRepeated ? TWICE : check(item)
        if (complaint !== undefined) reject(...complaint, index)
      })
      return items
    })
    .meta({ kind: 'list', form: `list of ${of}, or text with commas` })
}

/** The schema with an additional rule, whose complaint has the message and the remedy. */
export function checked<Schema extends z.ZodType>(
  schema: Schema,
  check: (value: z.core.output<Schema>) => Complaint | undefined,
): Schema {
  return schema.superRefine((value, context) => {
    const complaint = check(value)
    if (complaint === undefined) return
    const [message, remedy] = complaint
    context.addIssue({ code: 'custom', message, input: value, params: { remedy } })
  })
}
