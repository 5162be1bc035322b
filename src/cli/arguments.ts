import { parseArgs } from 'node:util'
import { isRaw, type Raw } from '../config/load/layers.ts'
import { OccError } from '../kernel/errors.ts'
import { readTime } from '../kernel/text/place.ts'
import { nearest } from '../kernel/text/suggest.ts'
import { formatDuration, parseDuration } from '../kernel/text/units.ts'

/** The flags of a command: one table for parsing and for the usage text. */
export type FlagTable = Readonly<Record<string, Flag>>

export interface Flag {
  /** The placeholder of its value, `N` in `--count N`; absent for a switch. */
  readonly value?: string
  readonly about: string
  /** It may be given several times: its values are the lines of one text. */
  readonly repeats?: true
}

/** Values by flag name; a given switch is `'true'`. */
export type Flags<Table extends FlagTable> = { readonly [Name in keyof Table]?: string }

/** An error in the arguments: one line and a pointer to the help; exit code 2. */
export function usageError(message: string): OccError {
  return new OccError('OCC_USAGE', message)
}

/** `; did you mean produce?`, or an empty text if no candidate is close. */
export function suggestion(word: string, candidates: Iterable<string>): string {
  const near = nearest(word, candidates)
  return near === undefined ? '' : `; did you mean ${near}?`
}

/** Parses the arguments of a command that takes only flags. Throws OCC_USAGE. */
export function parseFlags<Table extends FlagTable>(
  args: readonly string[],
  table: Table,
): Flags<Table> {
  const { tokens } = parseArgs({
    args: [...args],
    // Not strict: Node's own messages have no suggestions and may span several lines.
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(table).map(([name, { value }]) => [
        name,
        { type: value === undefined ? 'boolean' : 'string' },
      ]),
    ),
  })
  const flags: Record<string, string> = {}
  for (const token of tokens) {
    if (token.kind === 'positional') throw usageError(`unexpected argument "${token.value}"`)
    if (token.kind !== 'option') continue
    const flag = Object.hasOwn(table, token.name) ? table[token.name] : undefined
    if (flag === undefined) {
      const names = Object.keys(table).map((name) => `--${name}`)
      throw usageError(`unknown flag ${token.rawName}${suggestion(token.rawName, names)}`)
    }
    if (flag.value === undefined && token.value !== undefined) {
      throw usageError(`${token.rawName} takes no value; remove "${token.value}"`)
    }
    const swallowed = token.inlineValue === false && token.value?.startsWith('--')
    // Empty is what an unset variable of a shell leaves: --topic "$TOPIC".
    if (flag.value !== undefined && (!token.value || swallowed)) {
      throw usageError(`${token.rawName} needs a value: ${token.rawName} ${flag.value}`)
    }
    const before = flag.repeats ? flags[token.name] : undefined
    const value = token.value ?? 'true'
    flags[token.name] = before === undefined ? value : `${before}\n${value}`
  }
  return flags as Flags<Table>
}

/** The words before the flags, and the rest: `dlq redrive ID ID --yes`. A lone `-` is a word. */
export function splitAtFlags(
  args: readonly string[],
): readonly [words: readonly string[], rest: readonly string[]] {
  const end = args.findIndex((arg) => arg.startsWith('-') && arg !== '-')
  return end === -1 ? [args, []] : [args.slice(0, end), args.slice(end)]
}

/** A number within bounds (an integer if requested); throws OCC_USAGE that names the flag. */
export function numberOf(
  flag: string,
  text: string,
  { min, max, integer = false }: { min: number; max?: number; integer?: boolean },
): number {
  const number = text.trim() === '' ? Number.NaN : Number(text.replaceAll('_', ''))
  const kind = integer ? 'an integer' : 'a number'
  const bounds = max === undefined ? `${kind} from ${min}` : `${kind} from ${min} to ${max}`
  const fits = number >= min && number <= (max ?? Number.MAX_SAFE_INTEGER)
  if (!fits || (integer && !Number.isSafeInteger(number))) {
    throw usageError(`${flag} is ${text}; give ${bounds}`)
  }
  return number
}

/** One of the words; throws OCC_USAGE that names the flag and the closest word. */
export function wordOf<Word extends string>(
  flag: string,
  text: string,
  words: readonly Word[],
): Word {
  const word = words.find((candidate) => candidate === text)
  if (word === undefined) {
    const near = suggestion(text, words) || `; give one of ${words.join(', ')}`
    throw usageError(`${flag} is ${text}${near}`)
  }
  return word
}

/** What the first argument of a command names; throws OCC_USAGE that names the closest action. */
export function actionOf<Action>(
  command: string,
  name: string | undefined,
  actions: Readonly<Record<string, Action>>,
): Action {
  const names = Object.keys(actions)
  if (name === undefined) throw usageError(`${command} needs an action: ${names.join(', ')}`)
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined
  if (action !== undefined) return action
  const near = suggestion(name, names) || `; the actions are ${names.join(', ')}`
  throw usageError(`unknown action "${name}" of ${command}${near}`)
}

/** A JSON object; throws OCC_USAGE that names the flag. */
export function objectOf(flag: string, text: string | undefined): Raw | undefined {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (isRaw(value)) return value
  } catch {
    // Said below.
  }
  throw usageError(`${flag} is ${text}; give a JSON object, such as '{"kinds":["transfer"]}'`)
}

/** `a, b` as its items. */
export function listOf(text: string): string[] {
  return text.split(',').map((item) => item.trim())
}

/** The flags as lines of a usage text. */
export function describeFlags(table: FlagTable): string {
  const rows = Object.entries(table).map(
    ([name, { value, about }]) =>
      [value === undefined ? `--${name}` : `--${name} ${value}`, about] as const,
  )
  const width = Math.max(...rows.map(([flag]) => flag.length))
  return rows
    .map(([flag, about]) => {
      const [first = '', ...rest] = about.split('\n')
      const lines = [`  ${flag.padEnd(width)}  ${first}`]
      for (const line of rest) lines.push(`  ${' '.repeat(width)}  ${line}`)
      return lines.join('\n')
    })
    .join('\n')
}

/**
 * The flags of a command's actions as lines of its usage text. Each flag appears once, with its
 * actions if not all take it; flags common to all come last.
 */
export function describeActions(actions: Readonly<Record<string, FlagTable>>): string {
  const all = Object.keys(actions)
  const names = new Set(Object.values(actions).flatMap((table) => Object.keys(table)))
  const entries = [...names].map((name) => {
    const takers = Map.groupBy(
      all.filter((action) => actions[action]?.[name] !== undefined),
      (action) => actions[action]?.[name]?.about ?? '',
    )
    const texts = Array.from(takers, ([about, those]) =>
      those.length === all.length ? about : `${those.join(', ')}: ${about}`,
    )
    const value = all.map((action) => actions[action]?.[name]?.value).find((one) => one)
    const flag: Flag = { about: texts.join('\n'), ...(value !== undefined && { value }) }
    return { name, flag, isCommon: takers.values().next().value?.length === all.length }
  })
  const sorted = [
    ...entries.filter((one) => !one.isCommon),
    ...entries.filter((one) => one.isCommon),
  ]
  return describeFlags(Object.fromEntries(sorted.map(({ name, flag }) => [name, flag])))
}

/** Of a pause: a timer of Node that is to wait for more than 24.8 days does not wait at all. */
const MAX_DURATION = 86_400_000

/** Milliseconds, at least `min` and at most a day; throws OCC_USAGE that names the flag. */
export function durationOf(flag: string, text: string, min = 0): number {
  const duration = parseDuration(text)
  if (duration !== undefined && duration >= min && duration <= MAX_DURATION) return duration
  const least = min === 0 ? '' : `at least ${formatDuration(min)}, `
  const bounds = `${least}at most ${formatDuration(MAX_DURATION)}`
  throw usageError(`${flag} is ${text}; give a time: 500ms, 5s, 1m, ${bounds}`)
}

/**
 * Milliseconds since the epoch of an age or a time with its zone; throws OCC_USAGE that names the flag.
 * @param now milliseconds since the epoch; ages count back from it
 */
export function timeOf(flag: string, text: string, now: number): number {
  const time = readTime(text, now)
  if (typeof time === 'string') throw usageError(`${flag}: ${time}`)
  return time
}
