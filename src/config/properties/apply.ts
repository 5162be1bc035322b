import { nearest } from '../../kernel/text/suggest.ts'
import { parseBytes, parseDuration } from '../../kernel/text/units.ts'
import { type Problem, showValue } from '../check/problems.ts'
import { deleteAt, isRaw, type Layers, setAt, valueAt } from '../load/layers.ts'
import { fieldOf } from '../schema/catalog.ts'
import { propertyRule, propertyRules } from './index.ts'
import type { PropertyOutcome } from './rules.ts'

const PATH = ['kafka', 'properties']

/**
 * Turns pasted properties into keys of the file. A contradicting key in the file is an error; the
 * environment overrides both later.
 */
export function applyProperties(layers: Layers): { problems: Problem[]; warnings: Problem[] } {
  const problems: Problem[] = []
  const warnings: Problem[] = []
  const properties = valueAt(layers.values, PATH)
  // The schema reports anything that is not a map.
  if (!isRaw(properties)) return { problems, warnings }
  for (const [name, given] of Object.entries(properties)) {
    const key = `kafka.properties["${name}"]`
    const value = typeof given === 'object' ? undefined : String(given)
    if (value === undefined) {
      problems.push({ key, message: 'is not a single value', remedy: 'write text or a number' })
      continue
    }
    const rule = propertyRule(name)
    const outcome = rule === undefined ? unknown(name) : rule.apply(value.trim())
    const shown = rule === undefined ? undefined : showValue(name, given)
    if (outcome.kind === 'refused') {
      problems.push({ key, value: shown, message: outcome.message, remedy: outcome.remedy })
      continue
    }
    if (outcome.note !== undefined) {
      warnings.push({ key, value: shown, message: outcome.note, remedy: 'remove the property' })
    }
    if (outcome.kind === 'set') {
      const contradiction = set(layers, key, outcome)
      if (contradiction !== undefined) problems.push({ ...contradiction, value: shown })
    }
  }
  deleteAt(layers.values, PATH)
  return { problems, warnings }
}

function set(
  { values, sources }: Layers,
  name: string,
  { key, value }: PropertyOutcome & { kind: 'set' },
): Problem | undefined {
  const field = fieldOf(key)
  if (field === undefined) throw new Error(`${name} is mapped to ${key}, which is not a setting`)
  const present = valueAt(values, field.path)
  if (present === undefined) {
    setAt(values, field.path, value)
    sources.set(key, name)
    return undefined
  }
  if (canonical(field.kind, present) === canonical(field.kind, value)) return undefined
  const other = sources.get(key) ?? key
  const said = showValue(key, present)
  return {
    key: name,
    message: `contradicts ${other}${said === undefined ? '' : ` = ${said}`}`,
    remedy: `remove one of them; ${key} is preferred`,
  }
}

/** `45s` and 45000 are not a contradiction. */
function canonical(kind: string, value: unknown): string {
  if (kind === 'list')
    return Array.isArray(value) ? value.join(',') : String(value).replaceAll(' ', '')
  if (typeof value !== 'string' && typeof value !== 'number') return JSON.stringify(value)
  if (kind === 'duration') return String(parseDuration(value) ?? value)
  if (kind === 'bytes') return String(parseBytes(value) ?? value)
  return String(value)
}

function unknown(name: string): PropertyOutcome & { kind: 'refused' } {
  const meant = nearest(name, propertyRules.keys())
  return {
    kind: 'refused',
    message: `is not a known property.${meant === undefined ? '' : ` Did you mean ${meant}?`}`,
    remedy: meant === undefined ? 'remove it' : `name it ${meant}, or remove it`,
  }
}
