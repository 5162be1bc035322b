import type * as z from 'zod'
import { nearest } from '../../kernel/text/suggest.ts'
import { dotted, valueAt } from '../load/layers.ts'
import { propertyRule } from '../properties/index.ts'
import { type Field, fieldOf, fields, sections } from '../schema/catalog.ts'
import { either } from '../schema/fields.ts'
import { sinkKeys, sinkTypesWith } from '../schema/sinks/index.ts'
import { MISSING, type Problem, showValue } from './problems.ts'

type Issue = z.core.$ZodIssue

/** Keys that users look for and that are missing on purpose. */
const EXPLAINED: Readonly<Record<string, readonly [message: string, remedy: string]>> = {
  'kafka.sasl.password': [
    'is a secret in the configuration',
    'put it into a file, mounted from a Secret, and set kafka.sasl.passwordFile to its path',
  ],
  'kafka.tls.keyPassphrase': [
    'is a secret in the configuration',
    'put it into a file, mounted from a Secret, and set kafka.tls.keyPassphraseFile to its path',
  ],
  duplicates: [
    'was renamed to deduplication',
    'write deduplication: { window, age }; events that were already handled are skipped, not only counted',
  ],
  'sink.failedRecords': [
    'was renamed to deadLetters',
    'write deadLetters: { file: { folder, maxBytes } }; each process writes its own files there',
  ],
  'deadLetters.postgres.url': [
    'may hold a password',
    'put it into a file, mounted from a Secret, and set deadLetters.postgres.urlFile to its path',
  ],
  'offsets.postgres.url': [
    'may hold a password',
    'put it into a file, mounted from a Secret, and set offsets.postgres.urlFile to its path',
  ],
  'parked.postgres.url': [
    'may hold a password',
    'put it into a file, mounted from a Secret, and set parked.postgres.urlFile to its path',
  ],
  'deadLetters.kafka.sasl.password': [
    'is a secret in the configuration',
    'put it into a file, mounted from a Secret, and set deadLetters.kafka.sasl.passwordFile to its path',
  ],
  'kafka.tls.rejectUnauthorized': [
    'does not exist: the chain of a certificate is always verified',
    'put the authority into kafka.tls.caFile; kafka.tls.verify: ca skips only the host name',
  ],
}

/** The issues of the schema, with the messages and remedies of this service. */
export function problemsOf(
  issues: readonly Issue[],
  sources: ReadonlyMap<string, string>,
): Problem[] {
  // A value that breaks several rules is one problem: the first says the most.
  const told = new Set<string>()
  const isNew = (issue: Issue) => {
    const key = dotted(issue.path)
    if (issue.code === 'unrecognized_keys' || issue.input === undefined) return true
    return !told.has(key) && told.add(key)
  }
  return issues.filter(isNew).flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((name) => {
        const path = [...issue.path, name]
        return { source: sourceOf(path, sources), ...unknownKey(path, issue.input) }
      })
    }
    return [problemOf(issue, sources)]
  })
}

function problemOf(original: Issue, sources: ReadonlyMap<string, string>): Problem {
  const issue = asChoice(original)
  const key = dotted(issue.path)
  const { message, remedy } = describe(issue, key)
  return {
    key,
    source: sourceOf(issue.path, sources),
    value: showValue(key, issue.input),
    message,
    remedy,
  }
}

/** What set the key, or the key that it is part of. */
function sourceOf(
  path: readonly PropertyKey[],
  sources: ReadonlyMap<string, string>,
): string | undefined {
  const keys = path.map((_, index) => dotted(path.slice(0, path.length - index)))
  return keys.map((key) => sources.get(key)).find((source) => source !== undefined)
}

/** Treats an unknown `type` like any other invalid choice. */
function asChoice(issue: Issue): Issue {
  if (issue.code !== 'invalid_union' || issue.discriminator === undefined) return issue
  // The types of zod do not declare the options.
  const { path, message, options = [] } = issue as typeof issue & { options?: readonly string[] }
  const input = valueAt(issue.input, [issue.discriminator])
  return { code: 'invalid_value', path, message, input, values: [...options] }
}

function describe(issue: Issue, key: string): { message: string; remedy: string } {
  const field = fieldOf(key)
  const example = field === undefined ? undefined : JSON.stringify(field.example)
  const such = example === undefined ? '' : `, for example ${example}`
  if (issue.code === 'custom') {
    return { message: issue.message, remedy: String(issue.params?.['remedy'] ?? 'correct it') }
  }
  if (issue.input === undefined) {
    if (issue.code === 'invalid_value') {
      return {
        message: MISSING,
        remedy: `write one of ${issue.values.map(String).join(', ')}`,
      }
    }
    // The remedy of this key: see text() in fields.ts.
    if (!issue.message.startsWith('Invalid input')) {
      return { message: MISSING, remedy: issue.message }
    }
    const variable = field?.env === undefined ? '' : ` or the variable ${field.env}`
    return { message: MISSING, remedy: `set the key${variable}${such}` }
  }
  if (issue.code === 'invalid_value') {
    const options = issue.values.map(String)
    const meant = nearest(String(issue.input), options)
    const hint = meant === undefined ? '' : `. Did you mean ${meant}?`
    return {
      message: `is not among the choices${hint}`,
      remedy: `write one of ${options.join(', ')}`,
    }
  }
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    const isText = typeof issue.input === 'string'
    // Inside a list, the form of the field is that of the list.
    if (!isText && fieldOf(key)?.key !== key) {
      const bound =
        issue.code === 'too_small' ? `${issue.minimum} or more` : `${issue.maximum} or less`
      return { message: 'is out of range', remedy: `write ${bound}` }
    }
    return {
      message: isText ? 'is empty' : 'is out of range',
      remedy: `write ${withArticle(field)}${isText ? such : ''}`,
    }
  }
  if (fieldOf(key)?.key !== key) return generic(issue)
  const { input } = issue
  const quoted = field?.kind === 'integer' && typeof input === 'string' && /^-?\d+$/.test(input)
  return {
    message: quoted ? 'is text, not a number' : 'is of the wrong type',
    remedy: quoted ? 'write it without quotes' : `write ${withArticle(field)}${such}`,
  }
}

function withArticle(field: Field | undefined): string {
  if (field === undefined) return 'another value'
  if (/^(text|one of|true or|auto,)/.test(field.form)) return field.form
  return `${/^[aeiou]/.test(field.form) ? 'an' : 'a'} ${field.form}`
}

/** For a section, and for values inside a list. */
function generic(issue: Issue): { message: string; remedy: string } {
  const expected = 'expected' in issue ? String(issue.expected) : 'another type'
  const readable = expected === 'object' ? 'a map of keys' : expected
  return { message: 'is of the wrong type', remedy: `write ${readable} here` }
}

/** The value is never shown, as it may be a secret. @param parent the object that contains it */
function unknownKey(path: readonly PropertyKey[], parent: unknown): Problem {
  const key = dotted(path)
  if (path.at(-1) === '<<') {
    return {
      key,
      message: 'is a merge of YAML 1.1, and YAML 1.2 is read',
      remedy: 'write the keys here, or an alias in place of the whole value (key: *anchor)',
    }
  }
  const explained = Object.hasOwn(EXPLAINED, key) ? EXPLAINED[key] : undefined
  if (explained !== undefined) return { key, message: explained[0], remedy: explained[1] }
  const outer = fieldOf(key)
  if (outer?.key === 'sinks' && path.length === 3) {
    return unknownInSink(path, valueAt(parent, ['type']), outer)
  }
  // The filter of a handler or an alert has the keys of the section.
  const isFilter = /^(handlers|alerts)$/.test(outer?.key ?? '') && path[2] === 'filter'
  if (outer !== undefined && !isFilter) {
    // Inside a list or map: a key of the same name elsewhere would not help.
    return {
      key,
      message: 'is not a known key.',
      remedy: `remove it; ${outer.key} is a ${outer.form}`,
    }
  }
  const meant = isFilter ? meantInFilter(path) : meantKey(path)
  return {
    key,
    message: `is not a known key.${meant === undefined ? '' : ` Did you mean ${meant}?`}`,
    remedy:
      meant === undefined
        ? 'remove it; docs/configuration.md lists all keys'
        : `name it ${meant}, or remove it`,
  }
}

function unknownInSink(path: readonly PropertyKey[], type: unknown, { form }: Field): Problem {
  const key = dotted(path)
  const name = String(path[2])
  const types = sinkTypesWith(name)
  if (types.length > 0) {
    return {
      key,
      message: `is for type ${either(types)}, and this sink is of type ${String(type)}`,
      remedy: `remove it, or write type: ${types[0]}`,
    }
  }
  const meant = nearest(name, sinkKeys(type))
  if (meant === undefined) {
    return { key, message: 'is not a known key.', remedy: `remove it; sinks is a ${form}` }
  }
  const whole = dotted([...path.slice(0, 2), meant])
  return {
    key,
    message: `is not a known key. Did you mean ${whole}?`,
    remedy: `name it ${whole}, or remove it`,
  }
}

function meantInFilter(path: readonly PropertyKey[]): string | undefined {
  const names = fields.flatMap(({ key }) => (key.startsWith('filter.') ? [key.slice(7)] : []))
  const meant = nearest(String(path.at(-1)), names)
  return meant === undefined ? undefined : `${dotted(path.slice(0, -1))}.${meant}`
}

function meantKey(path: readonly PropertyKey[]): string | undefined {
  const name = String(path.at(-1))
  const parent = dotted(path.slice(0, -1))
  const inside = parent === '' ? '' : `${parent}.`
  const all = [...sections.map(({ key }) => key), ...fields.map(({ key }) => key)]
  const siblings = all.filter(
    (key) => key.startsWith(inside) && !key.slice(inside.length).includes('.'),
  )
  const sibling = nearest(
    name,
    siblings.map((key) => key.slice(inside.length)),
  )
  if (sibling !== undefined) return `${inside}${sibling}`
  const property = propertyRule(name)?.key
  if (property !== undefined) return property
  // Of several keys with this name use the first: kafka.brokers, not deadLetters.kafka.brokers.
  const names = new Map(all.toReversed().map((key) => [key.split('.').at(-1) ?? key, key]))
  const elsewhere = nearest(name, names.keys(), 1)
  return elsewhere === undefined ? undefined : names.get(elsewhere)
}
